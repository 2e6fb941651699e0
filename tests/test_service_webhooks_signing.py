"""Signatures by the Standard Webhooks specification, and the addresses that messages may go to."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.webhooks.addresses import checked
from service.webhooks.signing import PREFIX, new_secret, signature, signed, verify
from triage.errors import InputError

# The example of the specification's own reference libraries.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_known_example_of_the_specification_is_signed_and_verified() -> None:
    assert signature(SECRET, ID, AT, BODY) == SIGNED
    headers = {"webhook-id": ID, "webhook-timestamp": str(AT), "webhook-signature": SIGNED}
    assert verify(SECRET, headers, BODY, now=AT) == ID


def test_each_secret_is_new_and_long_enough() -> None:
    one, other = new_secret(), new_secret()
    assert one != other
    assert one.startswith(PREFIX)
    assert len(one) == len(PREFIX) + 44


@given(st.binary(max_size=300), st.integers(0, 2**40), st.binary(min_size=1, max_size=5))
def test_what_is_signed_verifies_and_nothing_else(body: bytes, moment: int, more: bytes) -> None:
    headers = signed([SECRET], "msg_1", moment, body)
    assert verify(SECRET, headers, body, now=moment + 299) == "msg_1"
    wrongs: tuple[Callable[[], str], ...] = (
        lambda: verify(SECRET, headers, body + more, now=moment),
        lambda: verify(SECRET, headers | {"webhook-id": "msg_2"}, body, now=moment),
        lambda: verify(SECRET, headers | {"webhook-timestamp": str(moment + 1)}, body, now=moment),
        lambda: verify(new_secret(), headers, body, now=moment),
        lambda: verify(SECRET, headers, body, now=moment + 301),
        lambda: verify(SECRET, headers, body, now=moment - 301),
    )
    for wrong in wrongs:
        with pytest.raises(ValueError, match="the message was"):
            wrong()


def test_while_a_secret_is_changed_the_old_and_the_new_one_verify() -> None:
    new = new_secret()
    headers = signed([new, SECRET], "msg_1", AT, BODY)
    assert verify(new, headers, BODY, now=AT) == verify(SECRET, headers, BODY, now=AT) == "msg_1"


@pytest.mark.parametrize(
    ("secret", "change"),
    [
        (SECRET, {"webhook-timestamp": ""}),
        (SECRET, {"webhook-timestamp": "soon"}),
        (SECRET, {"webhook-signature": ""}),
        (SECRET, {"webhook-signature": "v1a," + SIGNED[3:]}),
        (SECRET, {"webhook-signature": "签名"}),
        ("whsec_没有", {}),
        ("whsec_%%%", {}),
        ("", {}),
    ],
)
def test_a_broken_message_or_secret_does_not_verify(secret: str, change: dict[str, str]) -> None:
    headers = {"webhook-id": ID, "webhook-timestamp": str(AT), "webhook-signature": SIGNED} | change
    with pytest.raises(ValueError, match="the message"):
        verify(secret, headers, BODY, now=AT)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9000/hook",
        "https://desk.example/a/b?c=d",
        "https://xn--55qx5d.example",
        "http://[::1]:8080/",
        "HTTP://host",
    ],
)
def test_an_address_is_taken_as_it_is(url: str) -> None:
    assert checked(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "desk.example/hook",
        "ftp://desk.example/hook",
        "file:///etc/passwd",
        "http://",
        "http:///hook",
        "http://user:pass@desk.example/",
        "http://@desk.example/",
        "http://desk.example/#part",
        "http://desk.example:0/",
        "http://desk.example:99999/",
        "http://desk.example:x/",
        "http://[::1/",
        "http://desk.example/a b",
        "http://desk.example/\r\nHost: x",
        "http://公司.example/",
        "http://desk.example/\x7f",
        "http://desk.example/" + "a" * 2_000,
        "javascript:alert(1)",
        " http://desk.example/",
    ],
)
def test_an_address_that_is_none_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(InputError) as refused:
        checked(url)
    assert len(url) < 8 or url not in str(refused.value)


@pytest.mark.parametrize(
    "host",
    [
        *("169.254.169.254", "169.254.169.254.", "2852039166", "0xa9.254.43518", "169.254.43518"),
        *("[::ffff:169.254.169.254]", "[fe80::1]", "[fe80::1%25eth0]", "[::]", "0x0", "224.0.0.1"),
    ],
)
def test_an_address_of_the_network_itself_is_taken_only_where_the_operator_names_it(host: str) -> None:
    url = f"http://{host}/latest"
    with pytest.raises(InputError, match="TRIAGE_WEBHOOK_HOSTS"):
        checked(url)
    if host == "169.254.169.254":
        assert checked(url, (host,)) == url


def test_only_hosts_that_are_named_are_taken_where_some_are() -> None:
    hosts = ("desk.example", "127.0.0.1:9000")
    assert checked("https://DESK.example:444/x", hosts)
    assert checked("http://127.0.0.1:9000/x", hosts)
    for url in ("http://127.0.0.1:9001/x", "http://127.0.0.1/", "https://other.example", "https://a.desk.example"):
        with pytest.raises(InputError, match="TRIAGE_WEBHOOK_HOSTS"):
            checked(url, hosts)
