"""Files as they are in a git revision: real repositories, read and never touched."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from riskgate.authoring import revisions
from riskgate.errors import PolicyError

QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def git(*words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *who, *words],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **QUIET},
    )
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of two policies, a page and a folder below."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    (tmp_path / "policies" / "deep").mkdir(parents=True)
    (tmp_path / "policies" / "us.yaml").write_bytes(b"us: 1\n")
    (tmp_path / "policies" / "page.md").write_text("a page\n")
    (tmp_path / "policies" / "deep" / "e\u00fc x.yaml").write_bytes(b"eu: \xc3\xbc")
    commit()
    return tmp_path


def commit() -> None:
    git("add", "-A")
    git("commit", "-q", "-m", "x")


def is_yaml(name: str) -> bool:
    return name.endswith(".yaml")


def names(spec: str) -> list[str]:
    texts, problems = revisions.texts(spec, is_yaml)
    assert problems == ()
    return [name for name, _ in texts]


def refused(spec: str) -> str:
    with pytest.raises(PolicyError) as caught:
        revisions.texts(spec, is_yaml)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.usefixtures("repository")
def test_a_folder_gives_the_wanted_files_below_it_with_their_bytes() -> None:
    texts, problems = revisions.texts("HEAD:policies", is_yaml)
    assert dict(texts) == {
        "HEAD:policies/us.yaml": b"us: 1\n",
        "HEAD:policies/deep/e\u00fc x.yaml": b"eu: \xc3\xbc",
    }
    assert problems == ()


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("root", ["HEAD:", "HEAD:.", "main:./", "HEAD:policies/.."])
def test_the_root_is_a_folder_too(root: str) -> None:
    assert len(names(root)) == 2


@pytest.mark.usefixtures("repository")
def test_a_file_that_is_named_is_read_whatever_it_is_called() -> None:
    assert revisions.texts("HEAD:policies/page.md", is_yaml)[0] == (
        ("HEAD:policies/page.md", b"a page\n"),
    )


def test_what_is_on_disk_now_does_not_count(repository: Path) -> None:
    (repository / "policies" / "us.yaml").write_bytes(b"us: 2\n")
    (repository / "policies" / "new.yaml").write_bytes(b"new: 1\n")
    git("add", "-A")
    assert len(names("HEAD:policies")) == 2
    assert revisions.texts("HEAD:policies/us.yaml", is_yaml)[0][0][1] == b"us: 1\n"
    commit()
    assert revisions.texts("HEAD:policies/us.yaml", is_yaml)[0][0][1] == b"us: 2\n"
    assert len(names("HEAD~1:policies")) == 2
    assert len(names("HEAD^{/x}:policies")) == 3


def test_paths_start_at_the_root_or_here(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "policies" / "deep")
    assert len(names("HEAD:policies")) == 2
    assert names("HEAD:../us.yaml") == ["HEAD:policies/us.yaml"]
    assert names("HEAD:./") == ["HEAD:policies/deep/e\u00fc x.yaml"]
    assert "leads out of the repository" in refused("HEAD:../../../x")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("mian:policies", "git knows no revision `mian`"),
        ("HEAD:polices", "no `polices` in `HEAD`; paths start at the root"),
        ("--all:policies", "git knows no revision `--all`"),
        ("HEAD", "names no revision; write one such as HEAD:policies"),
        (":policies", "names no revision"),
        ("HEAD:/etc", "leads out of the repository"),
    ],
)
def test_what_is_not_there_is_said_in_one_line(spec: str, words: str) -> None:
    assert words in refused(spec)


def test_outside_a_repository_git_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    assert "not a git repository" in refused("HEAD:policies")
    assert not revisions.is_revision("HEAD")


@pytest.mark.usefixtures("repository")
def test_without_git_there_are_no_revisions(monkeypatch: pytest.MonkeyPatch) -> None:
    assert revisions.is_revision("HEAD")
    assert not revisions.is_revision("policies")
    monkeypatch.setenv("PATH", "")
    assert "needs git, which is not installed" in refused("HEAD:policies")
    assert not revisions.is_revision("HEAD")


def test_links_are_followed_inside_the_revision(repository: Path) -> None:
    shared = repository / "shared"
    shared.mkdir()
    (shared / "link.yaml").symlink_to("../policies/us.yaml")
    (shared / "page.md").symlink_to("../policies/page.md")
    commit()
    (repository / "policies" / "us.yaml").write_bytes(b"changed")
    texts, problems = revisions.texts("HEAD:shared", is_yaml)
    assert (texts, problems) == ((("HEAD:shared/link.yaml", b"us: 1\n"),), ())
    assert revisions.texts("HEAD:shared/link.yaml", is_yaml)[0] == texts


def test_links_that_cannot_be_followed_are_problems(repository: Path) -> None:
    shared = repository / "shared"
    shared.mkdir()
    for name, target in (("gone.yaml", "nowhere"), ("out.yaml", "/etc/hosts"), ("dir", "..")):
        (shared / name).symlink_to(target)
    commit()
    texts, problems = revisions.texts("HEAD:shared", is_yaml)
    assert texts == ()
    assert [str(item) for item in problems] == [
        f"HEAD:shared/{name}: error RG020 is a link that leads to no file of this revision"
        for name in ("dir", "gone.yaml", "out.yaml")
    ]


def test_a_submodule_is_a_problem(repository: Path) -> None:
    head = git("rev-parse", "HEAD")
    git("update-index", "--add", "--cacheinfo", f"160000,{head},policies/other")
    git("commit", "-q", "-m", "y")
    assert repository.exists()
    (problem,) = revisions.texts("HEAD:policies", is_yaml)[1]
    assert "submodule" in problem.text


def test_a_revision_is_parted_from_its_path_at_the_colon_outside_braces() -> None:
    assert revisions.parted("main:a:b") == ("main", "a:b")
    assert revisions.parted("main@{10:00}:a") == ("main@{10:00}", "a")
    assert revisions.parted("policies") is None


def test_a_git_that_does_not_end_is_left(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = repository / "git"
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{repository}:{os.environ['PATH']}")
    monkeypatch.setattr(revisions, "PATIENCE", 0.1)
    assert "git did not answer" in refused("HEAD:policies")


def test_an_object_that_git_lost_is_told(repository: Path) -> None:
    object_ = git("rev-parse", "HEAD:policies/us.yaml")
    (repository / ".git" / "objects" / object_[:2] / object_[2:]).unlink()
    assert "git cannot read `policies/us.yaml`" in refused("HEAD:policies")


def test_links_to_pages_are_not_wanted(repository: Path) -> None:
    (repository / "policies" / "other.md").symlink_to("page.md")
    (repository / "policies" / "lost.md").symlink_to("nowhere")
    commit()
    assert len(names("HEAD:policies")) == 2
