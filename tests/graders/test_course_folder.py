"""An nbgrader course folder is read as nbgrader reads it."""

import pytest

from graders.course_folder import CourseFolderError, load_course_folder
from tests.graders.course_on_disk import make_course


@pytest.fixture
def course(tmp_path):
    return make_course(tmp_path / "machine-learning")


def configure(course, *settings):
    (course / "nbgrader_config.py").write_text("c = get_config()\n" + "\n".join(f"c.{line}" for line in settings))
    return load_course_folder(course)


def test_a_folder_without_settings_is_a_course(course):
    opened = load_course_folder(course)
    assert opened.name == "machine-learning"
    assert list(opened.read_assignment("ps1")) == ["a.ipynb"]


def test_the_courses_own_name_and_source_folder_are_used(course):
    (course / "source").rename(course / "src")
    opened = configure(course, "CourseDirectory.course_id = 'ml'", "CourseDirectory.source_directory = 'src'")
    assert opened.name == "ml"
    assert len(opened.read_assignment("ps1")) == 1


def test_settings_of_preprocessors_reach_the_release(course):
    opened = configure(course, "ClearSolutions.code_stub = {'python': 'pass'}")
    options = opened.release_options("ps1", in_process_allowed=True)
    assert options.nbgrader.ClearSolutions.code_stub == {"python": "pass"}
    assert options.in_process_allowed


def test_the_time_limit_of_a_cell_is_the_courses(course):
    limits = (
        configure(course, "ExecutePreprocessor.timeout = 120").release_options("ps1", in_process_allowed=False).limits
    )
    assert (limits.cell_seconds, limits.test_cell_seconds, limits.notebook_seconds) == (120, 120, 600)


def test_files_that_students_edit_are_known(course):
    opened = configure(course, "Autograde.exclude_overwriting = {'ps1': ['model.py']}")
    assert opened.release_options("ps1", in_process_allowed=False).student_files == ("model.py",)


def test_templates_of_automatic_tests_are_found_in_the_courses_folder(course):
    (course / "autotests.yml").write_bytes(b"python3: {}")
    assert load_course_folder(course).release_options("ps1", in_process_allowed=False).autotests == b"python3: {}"


def test_the_courses_header_and_footer_are_read_where_its_settings_say(course):
    (course / "source" / "header.ipynb").write_bytes(b"header")
    opened = configure(course, "IncludeHeaderFooter.header = 'source/header.ipynb'")
    options = opened.release_options("ps1", in_process_allowed=False)
    assert (options.header, options.footer) == (b"header", None)


def test_a_footer_that_is_not_there_is_an_error_with_its_path(course):
    opened = configure(course, "IncludeHeaderFooter.footer = 'source/footer.ipynb'")
    with pytest.raises(CourseFolderError, match=r"source/footer\.ipynb"):
        opened.release_options("ps1", in_process_allowed=False)


def test_an_unknown_assignment_is_refused_with_those_that_are_there(course):
    with pytest.raises(CourseFolderError, match="ps1"):
        load_course_folder(course).read_assignment("ps9")


def test_a_path_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(CourseFolderError):
        load_course_folder(tmp_path / "nothing")
