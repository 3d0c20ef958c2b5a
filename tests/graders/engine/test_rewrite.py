import pytest

from graders.engine.rewrite import LAST, rewrite_test


def last_value(source: str) -> object:
    """What is kept of a cell's last expression; KeyError if nothing is."""
    names: dict[str, object] = {}
    exec(compile(rewrite_test(source), "<test>", "exec"), names)
    return names[LAST]


@pytest.mark.parametrize(
    ("source", "value"),
    [("1.5", 1.5), ("x = 1; x", 1), ("';'", ";"), ("2 # ;", 2), ("x = 2\nx\n\n# a remark;\n", 2)],
)
def test_the_last_expression_is_kept(source, value):
    assert last_value(source) == value


@pytest.mark.parametrize(
    "source", ["1.5;", "x = 1; x;", "1.5; # shown by nobody", "2;\n\n", "x = 1", "if True:\n    2"]
)
def test_what_a_notebook_does_not_show_is_no_last_value(source):
    with pytest.raises(KeyError):
        last_value(source)
