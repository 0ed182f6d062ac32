"""Which addresses may be called, when somebody else may type them?"""

from ipaddress import ip_address, ip_network

import pytest

from care.addresses import address, is_public, may_call

PUBLIC, INSIDE = ip_address("93.184.215.14"), ip_address("10.20.0.7")
OURS = (ip_network("10.20.0.0/16"),)
APP = address("https://app.example.com/changed")

NOT_PUBLIC = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "255.255.255.255",
    "192.0.2.1", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
)  # fmt: skip


@pytest.mark.parametrize("inside", NOT_PUBLIC)
def test_what_is_inside_is_not_public(inside):
    assert not is_public(ip_address(inside))


@pytest.mark.parametrize("outside", ["93.184.215.14", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.215.14"])
def test_what_the_world_can_reach_is_public(outside):
    assert is_public(ip_address(outside))


def test_a_name_that_leads_outside_and_inside_is_a_trap():
    assert may_call(APP, [PUBLIC])
    assert not may_call(APP, [PUBLIC, INSIDE])
    assert not may_call(APP, [])


def test_the_operators_own_networks_may_be_called_and_they_alone_without_tls():
    plain = address("http://app.example.com/changed")
    assert may_call(APP, [INSIDE], OURS)
    assert may_call(plain, [INSIDE], OURS)
    assert not may_call(plain, [PUBLIC], OURS)
    assert not may_call(APP, [ip_address("10.21.0.7")], OURS)


@pytest.mark.parametrize(
    "odd",
    [
        "ftp://app.example.com/", "file:///etc/passwd", "https://", "https:///path", "https://user:word@app.example.com/",
        "https://app.example.com/#part", "https://app.example.com:0/", "https://app.example.com:99999/",
        "https://app.example.com/with blank", "https://app.example.com/\r\nHost: inside", "https://münchen.example/",
        "app.example.com",
        "https://app.example.com/" + "a" * 500,
    ],
)  # fmt: skip
def test_odd_addresses_are_none(odd):
    with pytest.raises(ValueError, match="Must be an address"):
        address(odd)


def test_an_address_taken_apart_says_host_and_target():
    found = address("https://App.example.com:8443/a/b?c=d")
    assert (found.host, found.port, found.target, found.named) == (
        "app.example.com",
        8443,
        "/a/b?c=d",
        "app.example.com:8443",
    )
    assert address("https://[2606:2800::1]").named == "[2606:2800::1]"
