"""Mail addresses, links and numbers of telephones, and what only looks like them."""

import pytest

from rnntui.lm.text.findings import Findings
from rnntui.lm.text.privacy.addresses import without_addresses

ALL = ("mail", "phones", "links")
LEFT_OUT = {
    "a mail address": ("Write to anna.b+c@mail.example.co.uk now.", "Write to now.", "mail address"),
    "in angle brackets": ("Anna <anna@example.com> wrote:", "Anna wrote:", "mail address"),
    "one that hides": ("anna (at) example (dot) org, or", ", or", "mail address"),
    "a link": ("See https://example.org/a/b?c=1#d.", "See.", "link"),
    "a link with brackets": ("See (http://example.org/a_(b)).", "See.", "link"),
    "a link of the web": ("See www.example.org/x, then go.", "See, then go.", "link"),
    "a bare domain": ("On example.com/path it says so.", "On it says so.", "link"),
    "a domain alone": ("On news.example.de it says so.", "On it says so.", "link"),
    "a short one": ("go to bit.ly/3xYz or t.co/abc now", "go to or now", "link"),
    "a line of its own": ("one\nhttps://example.org\ntwo\n", "one\ntwo\n", "link"),
    "an international number": ("Call +49 (0)30 123-4567!", "Call!", "telephone number"),
    "with two zeros": ("Call 0049 30 1234567.", "Call.", "telephone number"),
    "a German one": ("Call 030/1234567.", "Call.", "telephone number"),
    "a mobile": ("Call 01512 3456789.", "Call.", "telephone number"),
    "a French one": ("Appelle le 06 12 34 56 78.", "Appelle le.", "telephone number"),
    "an American one": ("Call (212) 555-0199.", "Call.", "telephone number"),
    "another": ("Call 212-555-0199 or wait", "Call or wait", "telephone number"),
    "a British one": ("Ring 020 7946 0958.", "Ring.", "telephone number"),
    "a Russian one": ("Звони 8 (912) 345-67-89.", "Звони.", "telephone number"),
    "what is called one": ("Tel.: 44 12 07, evenings", ", evenings", "telephone number"),
    "in brackets": ("Anna (555-0143) came.", "Anna came.", "telephone number"),
}
KEPT = (
    "On 01.02.2020, 1/2/2020, 2020-02-01 and 03-04-05.",
    "From 1914-1918, 1939–45 and in 1984.",
    "At 10:30, 07.45 or 2021-03-04 05:06:07.",
    "It cost $1,200,000, 1.000.000 € or 12 500 EUR.",
    "ISBN 978-3-16-148410-0 and ISBN 0-306-40615-2.",
    "Pi is 3.14159265, 0.1234567 and 1e10.",
    "At 192.168.0.1 and version 2.0.11.",
    "Rooms 100-200, 5-7, and 12 345 people.",
    "It was late.It rained. And so on...then",
    "e.g. this, i.e. that, a.m. and file.txt",
    "@ home, 5 @ 3 euros, and and/or.",
    "Mr. Brown vs. Dr. No. The end.",
)


@pytest.mark.parametrize(("written", "kept", "kind"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_what_has_the_form_is_left_out_with_its_brackets(written, kept, kind):
    findings = Findings()
    assert without_addresses(written, ALL, findings) == kept
    assert set(findings.left_out) == {kind}


@pytest.mark.parametrize("text", KEPT)
def test_what_only_looks_like_it_stays(text):
    findings = Findings()
    assert without_addresses(text, ALL, findings) == text
    assert not findings.examples


def test_only_what_is_asked_for_is_left_out():
    text = "anna@example.com http://example.org +49 30 1234567"
    assert without_addresses(text, ("links",), Findings()) == "anna@example.com +49 30 1234567"
    assert without_addresses(text, ("mail",), Findings()) == "http://example.org +49 30 1234567"
    assert without_addresses(text, ("phones",), Findings()) == "anna@example.com http://example.org"
