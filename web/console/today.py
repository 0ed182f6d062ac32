"""Who comes on a day, who of them is ready, who is not and why, and what is to be done next?"""

from collections import Counter
from datetime import timedelta

from flask import g, request

from actions.sessions.readiness import board
from web import rows, show
from web.auth import staff
from web.forms import day_or
from web.pages import pages
from web.say import Times


@pages.get("/console")
@staff
def today() -> str:
    this_day = Times(rows.own_clinic().zone).local_date(g.now)
    day = day_or(request.args.get("on"), this_day)
    lines = board(g.who.clinic_id, day, now=g.now)
    one = timedelta(days=1)
    return show.console(
        "today.html",
        day=day,
        this_day=this_day,
        before=day - one,
        after=day + one,
        lines=lines,
        tally=Counter(str(line.readiness.verdict) for line in lines if line.session.status in ("booked", "arrived")),
        back=request.full_path.rstrip("?"),
    )
