"""The service fails, refuses, lies or leads elsewhere: tried again or told, never half a result."""

from __future__ import annotations

import ssl
from dataclasses import replace
from urllib.error import URLError

import pytest

from siteplan.errors import InputError
from siteplan.io.vworld import Cache, Pace, Progress, Service, fetch
from siteplan.io.vworld import service as service_module
from tests.vworld.asking import ALL, held, pnus
from tests.vworld.fake_server import (
    DONG,
    KEY,
    FakeVWorld,
    grid,
    served,
)


def one(feature: bytes) -> bytes:
    """Return a whole reply with one feature."""
    head = b'{"response":{"status":"OK","record":{"total":"1"},"result":{"featureCollection":'
    return head + b'{"features":[' + feature + b"]}}}}"


class TestFaults:
    @pytest.mark.parametrize("fault", [429, 500, 502, 503, 504, "truncated", "html", "reset"])
    def test_a_passing_fault_is_tried_again(
        self, fake: FakeVWorld, service: Service, pace: Pace, waits: list[float], fault: int | str
    ) -> None:
        fake.faults = [fault, fault, fault]
        fetched = fetch(DONG, service=service, pace=pace)
        assert pnus(fetched) == held(fake, start=DONG)
        assert [wait for wait in waits if wait != pace.pause_s] == [1.0, 2.0, 4.0]

    def test_a_slow_reply_is_tried_again(self, fake: FakeVWorld, pace: Pace) -> None:
        fake.faults, fake.slow_s = ["slow"], 5.0
        fetched = fetch(DONG, service=Service(KEY, url=fake.url, timeout_s=1.0), pace=pace)
        assert pnus(fetched) == held(fake, start=DONG)
        assert len(fake.requests) == 2

    @pytest.mark.parametrize(
        ("fault", "said"),
        [
            (502, "HTTP 502"),
            ("truncated", "cut off"),
            ("html", "web page"),
            ("reset", "connection broke off"),
        ],
    )
    def test_after_the_last_try_the_sentence_says_why_and_what_was_kept(
        self,
        fake: FakeVWorld,
        service: Service,
        pace: Pace,
        cache: Cache,
        fault: int | str,
        said: str,
    ) -> None:
        fake.faults = ["fine", "fine", *[fault] * 5]
        with pytest.raises(InputError, match=said) as caught:
            fetch(ALL, service=service, pace=pace, cache=cache)
        assert "failed 5 times" in str(caught.value)
        assert "2 replies are kept" in str(caught.value)
        assert "outside Korea" in str(caught.value)

    def test_a_fetch_has_a_budget_of_retries(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        fake.faults = [502, 502, 502, "fine"] * 4
        with pytest.raises(InputError, match="Nothing was kept"):
            fetch(ALL, service=service, pace=replace(pace, retries=4))
        assert len(fake.requests) == 3 + 1 + 2

    def test_waits_double_up_to_the_longest_and_chance_halves_them_at_most(self) -> None:
        late, early = Pace(chance=lambda: 1.0), Pace(chance=lambda: 0.0)
        assert [late.wait_s(n) for n in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
        assert [early.wait_s(n) for n in (1, 7)] == [0.5, 15]

    def test_no_service_there(self, pace: Pace) -> None:
        with served(FakeVWorld()) as gone:
            url = gone.url
        with pytest.raises(InputError, match="connection was refused"):
            fetch(DONG, service=Service(KEY, url=url), pace=pace)

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("INVALID_KEY", "does not know this key"),
            ("INCORRECT_KEY", "--domain"),
            ("UNAVAILABLE_KEY", "at present"),
            ("OVER_REQUEST_LIMIT", "used up"),
        ],
    )
    @pytest.mark.parametrize("status", [200, 401])
    def test_what_the_key_is_refused_for_is_not_tried_again(
        self, fake: FakeVWorld, service: Service, pace: Pace, code: str, said: str, status: int
    ) -> None:
        fake.error, fake.error_status = code, status
        with pytest.raises(InputError, match=said):
            fetch(DONG, service=service, pace=pace)
        assert len(fake.requests) == 1

    def test_the_wrong_domain(self, fake: FakeVWorld, service: Service, pace: Pace) -> None:
        fake.domain = "plan.example"
        with pytest.raises(InputError, match="INCORRECT_KEY"):
            fetch(DONG, service=service, pace=pace)
        assert len(fetch(DONG, service=replace(service, domain="plan.example"), pace=pace))

    def test_another_code_shows_the_services_own_words_on_one_line(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        fake.error, fake.error_text = "NEW_CODE", "점검 중\x1b[31m\n입니다 " + "x" * 1000
        with pytest.raises(InputError, match=r"\(NEW_CODE\): 점검 중 \[31m 입니다 x+…$"):
            fetch(ALL, service=service, pace=pace)
        assert len(fake.requests) == 1

    @pytest.mark.parametrize("status", [403, 404])
    def test_a_page_that_forbids_is_explained(
        self, fake: FakeVWorld, service: Service, pace: Pace, status: int
    ) -> None:
        fake.faults = [status]
        with pytest.raises(InputError, match=f"HTTP {status}"):
            fetch(ALL, service=service, pace=pace)
        assert len(fake.requests) == 1

    def test_a_reply_without_end_is_not_read(
        self,
        service: Service,
        pace: Pace,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(service_module, "MAX_REPLY_BYTES", 1000)
        with pytest.raises(InputError, match="larger than"):
            fetch(DONG, service=service, pace=pace)

    def test_the_key_is_not_taken_to_another_host(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        with served(FakeVWorld(fake.layers)) as other:
            fake.redirect_to = f"{other.url}?key={KEY}"
            with pytest.raises(InputError, match="sends us on"):
                fetch(DONG, service=service, pace=pace)
            assert other.requests == []

    @pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "host", "http://u:p@h/"])
    def test_only_web_addresses(self, url: str) -> None:
        with pytest.raises(InputError, match="https://"):
            Service(KEY, url=url)

    def test_a_certificate_that_is_not_trusted_is_not_tried_again(
        self, service: Service, pace: Pace, waits: list[float], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Distrust:
            def open(self, *_: object, **__: object) -> None:
                raise URLError(ssl.SSLCertVerificationError("self-signed"))

        monkeypatch.setattr(service_module, "_opener", Distrust)
        with pytest.raises(InputError, match=r"certificate of 127\.0\.0\.1 is not trusted"):
            fetch(DONG, service=service, pace=pace)
        assert waits == []

    def test_certificates_are_checked(self) -> None:
        context = service_module._certificates()
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname

    def test_pages_of_a_dong_move_the_progress(
        self, fake: FakeVWorld, service: Service, pace: Pace
    ) -> None:
        fake.layers["LP_PA_CBND_BUBUN"] = grid(51, 50)
        seen: list[Progress] = []
        fetch(DONG, service=service, pace=pace, progress=seen.append)
        assert [p.ratio for p in seen] == [0.8, 1.0, 1.0]

    def test_an_unencrypted_address_is_told(self) -> None:
        assert not Service(KEY, url="http://relay.example/req/data").is_private
        assert Service(KEY, url="https://relay.example/req/data").is_private
        assert Service(KEY, url="http://127.0.0.1:8080/req/data").is_private

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{}",
            b"null",
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"response":{}}',
            b'{"response":{"status":"OK"}}',
            b'{"response":{"status":"ERROR"}}',
            b'{"response":{"status":"OK","record":{"total":"1"},"result":{}}}',
            one(b"7"),
            one(b'{"properties":[]}'),
            one(b'{"properties":{"jiga":NaN}}'),
            one(b'{"properties":{"jiga":1e999}}'),
            one(b'{"properties":{"jibun":"\\ud800"}}'),
        ],
    )
    def test_nonsense_is_a_passing_fault(self, body: bytes) -> None:
        from siteplan.io.vworld.refusals import Passing
        from siteplan.io.vworld.replies import parsed_reply

        with pytest.raises(Passing):
            parsed_reply(body)
