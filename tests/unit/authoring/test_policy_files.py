"""Policy files on disk: found, read, and never passed over in silence."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import pytest

from riskgate.authoring import policy_files
from riskgate.errors import ConfigError, PolicyError
from riskgate.policy.source import Problem

POLICY = """riskgate: 1
policy: {0}
currency: USD
timezone: UTC
rules:
  - {{id: size, kind: fat_finger, max_quantity: 100, because: mandate}}
"""
HOURS = "  - {{id: open, kind: market_hours, calendar: {0}, because: mandate}}\n"
TEST = "policies: [a.yaml]\ncases: [{name: one, order: BUY 1 AAPL MKT, expect: allow}]\n"


class TwoExchanges:
    """Calendars of two exchanges."""

    def knows(self, code: str) -> bool:
        return code in self.codes()

    def codes(self) -> Collection[str]:
        return ("XNYS", "XLON")


CALENDARS = TwoExchanges()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with one policy in `desk/a.yaml`."""
    monkeypatch.chdir(tmp_path)
    put("desk/a.yaml", POLICY.format("a"))
    return tmp_path


def put(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


def found(*paths: str) -> list[str]:
    return [str(path) for path in policy_files.find(paths)]


def problems(*paths: str | Path) -> list[str]:
    checked = policy_files.check(paths, CALENDARS, tests=True)
    assert not checked.valid
    return [str(problem) for problem in checked.problems]


@pytest.mark.usefixtures("folder")
def test_every_yaml_file_below_is_a_policy_but_not_the_tests() -> None:
    for name in ("b.yml", "sub/deep/c.yaml", "D.YAML", "x.test.yaml", "y.test.yml", "notes.txt"):
        put(f"desk/{name}", POLICY.format(Path(name).stem))
    assert found("desk") == ["desk/D.YAML", "desk/a.yaml", "desk/b.yml", "desk/sub/deep/c.yaml"]


@pytest.mark.usefixtures("folder")
def test_a_file_reached_by_several_ways_is_read_once() -> None:
    Path("desk/link.yaml").symlink_to("a.yaml")
    Path("elsewhere").symlink_to("desk")
    assert found("desk", "desk/a.yaml", "elsewhere", ".") == ["desk/a.yaml"]


@pytest.mark.usefixtures("folder")
def test_a_circle_of_links_is_harmless_and_a_linked_folder_counts() -> None:
    Path("desk/again").symlink_to(".")
    Path("desk/up").symlink_to("..")
    put("other/b.yaml", POLICY.format("b"))
    Path("desk/linked").symlink_to("../other")
    assert [os.path.realpath(path) for path in found("desk")] == [
        os.path.realpath("desk/a.yaml"),
        os.path.realpath("other/b.yaml"),
    ]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("nowhere", "nowhere: error RG020 no such file or directory"),
        (
            "empty",
            "empty: error RG021 holds no policy file; policy files end in .yaml or .yml",
        ),
        (
            "notes.txt",
            "notes.txt: error RG021 is no policy file; policy files end in .yaml or .yml",
        ),
        ("x" * 300, f"{'x' * 300}: error RG020 file name too long"),
    ],
)
def test_a_path_without_a_policy_is_an_error_that_names_it(path: str, expected: str) -> None:
    Path("empty").mkdir()
    Path("notes.txt").touch()
    assert problems(path, "desk") == [expected]
    with pytest.raises(PolicyError) as caught:
        policy_files.find([path])
    assert f"`{path}`" in str(caught.value)
    assert [str(problem) for problem in caught.value.problems] == [expected]


@pytest.mark.usefixtures("folder")
def test_a_policy_test_is_no_policy_but_its_shape_can_be_checked() -> None:
    put("desk/a.test.yaml", TEST)
    with pytest.raises(PolicyError, match="is a policy test; name the policy file beside it"):
        policy_files.find(["desk/a.test.yaml"])
    assert policy_files.check(["desk/a.test.yaml"], CALENDARS, tests=True).valid
    put("desk/a.test.yaml", TEST.replace("expect", "expct"))
    assert policy_files.check(["desk"], CALENDARS).valid
    (line,) = problems("desk")
    assert line.startswith("desk/a.test.yaml:2:44: error RG102 unknown key `expct`")


@pytest.mark.usefixtures("folder")
def test_a_link_that_leads_nowhere_is_an_error_not_a_missing_limit() -> None:
    Path("desk/gone.yaml").symlink_to("nowhere.yaml")
    assert problems("desk") == [
        "desk/gone.yaml: error RG020 cannot be read: no such file or directory"
    ]


@pytest.mark.usefixtures("folder")
def test_a_pipe_is_not_opened() -> None:
    os.mkfifo("desk/pipe.yaml")
    assert problems("desk") == ["desk/pipe.yaml: error RG020 is no regular file"]


def test_a_folder_that_cannot_be_listed_is_an_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = os.scandir

    def closed(path: str) -> object:
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", path)
        return listed(path)

    (folder / "desk" / "secret").mkdir()
    monkeypatch.setattr(os, "scandir", closed)  # tests may run as root, whom no folder refuses
    assert problems("desk") == ["desk/secret: error RG020 cannot be read: permission denied"]


@pytest.mark.usefixtures("folder")
def test_a_files_name_cannot_forge_a_line_of_output() -> None:
    put("desk/b\n::error::x.yaml", "riskgate: 1\n")
    assert all("\n" not in line for line in problems("desk"))
    assert "b\\n::error" in problems("desk")[0]


@pytest.mark.usefixtures("folder")
def test_all_problems_of_all_files_are_reported_sorted() -> None:
    put("desk/b.yaml", POLICY.format("B").replace("fat_finger", "fat_figner"))
    put("desk/c.yaml", POLICY.format("a") + HOURS.format("XNYZ") + HOURS.format("there"))
    put("desk/d.yaml", POLICY.format("d").replace("100", "&x 1e6") + "riskgate: 1\n")
    assert [
        line.split(" error ")[0] + line.split(" error ")[1][:6] for line in problems("desk")
    ] == [
        "desk/b.yaml:2:9:RG107 ",
        "desk/b.yaml:6:22:RG103 ",
        "desk/c.yaml:2:9:RG202 ",
        "desk/c.yaml:7:46:RG207 ",
        "desk/c.yaml:8:10:RG203 ",
        "desk/c.yaml:8:46:RG207 ",
        "desk/d.yaml:6:48:RG003 ",
        "desk/d.yaml:7:1:RG002 ",
    ]


@pytest.mark.usefixtures("folder")
def test_loading_gives_the_policies_or_everything_that_is_wrong() -> None:
    put("desk/b.yaml", POLICY.format("b") + HOURS.format("XNYS"))
    put("desk/c.yaml", POLICY.format("c") + HOURS.format("IB"))
    put("desk/d.yaml", POLICY.format("d") + HOURS.format("always"))
    policies = policy_files.load(["desk"], CALENDARS)
    assert [policy.name for policy in policies.policies] == ["a", "b", "c", "d"]
    put("desk/e.yaml", POLICY.format("e").replace("mandate", "''").replace("USD", "dollars"))
    with pytest.raises(PolicyError, match=r"^2 errors in 1 of 5 files") as caught:
        policy_files.load([Path("desk")], CALENDARS)
    assert [item.code for item in caught.value.problems if isinstance(item, Problem)] == [
        "RG107",
        "RG107",
    ]


@pytest.mark.usefixtures("folder")
def test_the_summary_counts_files_and_errors() -> None:
    assert policy_files.check(["desk"], CALENDARS).summary == "1 file, no problems"
    put("desk/b.yaml", POLICY.format("b"))
    assert policy_files.check(["desk"], CALENDARS).summary == "2 files, no problems"
    checked = policy_files.check(["desk", "nowhere"], CALENDARS)
    assert checked.summary == "1 error in 1 path, 2 files read"
    put("desk/c.yaml", "")
    Path("desk/d.yaml").symlink_to("gone.yaml")
    checked = policy_files.check(["desk", "nowhere"], CALENDARS)
    assert checked.summary == "3 errors in 2 of 4 files and 1 path"
    Path("empty").mkdir()
    assert policy_files.check(["empty"], CALENDARS).summary == "1 error in 1 path"


@pytest.mark.usefixtures("folder")
def test_an_unknown_calendar_is_said_with_what_was_probably_meant() -> None:
    put("desk/a.yaml", POLICY.format("a") + HOURS.format("XNYZ"))
    assert problems("desk")[0].endswith("`XNYZ` is unknown (did you mean `XNYS`?)")
    put("desk/a.yaml", POLICY.format("a") + HOURS.format("Wall Street"))
    assert problems("desk")[0].endswith("is unknown; use an exchange code such as XNYS")


def test_the_shipped_policies_are_valid_policies() -> None:
    shipped = policy_files.shipped_policies()
    assert policy_files.find([shipped])
    ours = Path(__file__).parents[3] / "policies"  # the same in a checkout, a copy elsewhere
    assert {path.name: path.read_text() for path in shipped.iterdir()} == {
        path.name: path.read_text() for path in ours.iterdir()
    }


def test_the_shipped_policies_are_named_shortly_where_they_are_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "lib" / "site-packages" / "riskgate"
    monkeypatch.setattr(policy_files, "__file__", str(package / "authoring" / "policy_files.py"))
    put(str(package / "shipped" / "policies" / "a.yaml"), POLICY.format("a"))
    put(str(tmp_path / "own" / "b.yaml"), POLICY.format("b"))
    shipped = policy_files.shipped_policies()
    loaded = policy_files.load([shipped, tmp_path / "own"], CALENDARS)
    assert [bound.where for bound in loaded.bounds] == [
        "shipped/a.yaml:6",
        f"{tmp_path}/own/b.yaml:6",
    ]
    assert list(loaded.texts) == ["shipped/a.yaml", f"{tmp_path}/own/b.yaml"]
    put(str(shipped / "a.yaml"), POLICY.format("A"))
    (problem,) = policy_files.check([shipped], CALENDARS).problems
    assert problem.path == str(shipped / "a.yaml")  # who names a file wants to open it


def test_the_shipped_policies_are_found_in_a_checkout_and_in_an_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "riskgate"
    monkeypatch.setattr(policy_files, "__file__", str(package / "authoring" / "policy_files.py"))
    (tmp_path / "policies").mkdir()
    with pytest.raises(ConfigError, match="reinstall riskgate-ib"):
        policy_files.shipped_policies()
    (tmp_path / "pyproject.toml").touch()
    assert policy_files.shipped_policies() == tmp_path / "policies"
    (package / "shipped" / "policies").mkdir(parents=True)
    assert policy_files.shipped_policies() == package / "shipped" / "policies"
