// Pages work without this. With it they keep themselves fresh, and a form is sent once.
"use strict";

const EVERY_MS = 3000;

function toTheLatest(root) {
  for (const talk of root.querySelectorAll(".talk")) talk.scrollTop = talk.scrollHeight;
}

function busy() {
  const at = document.activeElement;
  return document.hidden || document.querySelector("[data-live] details[open]") || Boolean(at && at.closest("[data-live] form"));
}

async function refresh() {
  if (busy()) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next || busy() || next.innerHTML === part.dataset.was) continue;
    part.dataset.was = next.innerHTML;
    if (next.innerHTML === part.innerHTML) continue;
    const atEnd = part.scrollHeight - part.scrollTop - part.clientHeight < 40;
    part.innerHTML = next.innerHTML;
    if (atEnd) part.scrollTop = part.scrollHeight;
    toTheLatest(part);
  }
}

function keepFresh() {
  refresh().catch(() => {}).finally(() => setTimeout(keepFresh, EVERY_MS));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; }, 0);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-goes]")) event.target.form.requestSubmit();
});

addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});

toTheLatest(document);
if (document.querySelector("[data-live]")) setTimeout(keepFresh, EVERY_MS);
