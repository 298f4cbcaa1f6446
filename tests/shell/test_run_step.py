"""What every step does around its script: limit, lock, log, receipt, masked and bounded output."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from components.installation import Phase, Row
from components.steps import script
from components.steps.model import Step
from components.steps.script import launcher, render
from components.topology.cluster import Node
from lab.hosts import Lab
from lab.hosts.process import wait_until

pytestmark = pytest.mark.lab
NODE = Node("infra", "h1.lab.internal", "10.77.0.11", ())
TRIAL = Row("trial", "-", "-", Phase.HOSTS, "trial.sh")
FILES = (script.COMPONENTS / "steps/scripts/files.sh").read_text()
SECRET = "Wq9zT4mXk2LpVb7R"  # noqa: S105 - made for this test


class Trial:
    """Runs shell text as a step on the host."""

    def __init__(self, lab: Lab, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.lab = lab
        self._folder = folder
        self._patch = monkeypatch

    def text(self, body: str, *, limit: int = 30, secret: str = SECRET, **inputs: str) -> str:
        """Return what would be sent for a step with this body."""
        (self._folder / "trial.sh").write_text(body)
        for library in script.LIBRARIES:
            copy = self._folder / library
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text((Path(script.__file__).parents[1] / library).read_text())
        self._patch.setattr(script, "COMPONENTS", self._folder)
        script._text.cache_clear()  # noqa: SLF001 - the body differs from call to call
        action = Step(
            row=TRIAL, node=NODE, after=(), limit=limit, inputs=inputs,
            secrets={"password": "password"},
        )  # fmt: skip
        return render(action, {"password": secret})

    def run(self, body: str, **options: object) -> tuple[int, str, str]:
        """Run a body; return exit status, standard output and standard error."""
        text = self.text(body, **options)  # type: ignore[arg-type]
        done = self.lab.ssh("h1", launcher("trial"), input=text, check=False)
        return done.returncode, done.stdout, done.stderr

    def root(self, shell: str) -> str:
        """Run shell as root on the host."""
        return self.lab.shell("h1", shell).stdout


@pytest.fixture
def trial(lab: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Trial]:
    """Return a trial on a host without receipts and logs."""
    made = Trial(lab, monkeypatch, tmp_path)
    made.root("rm -rf /var/lib/deephaven-install /var/log/deephaven-install")
    yield made
    script._text.cache_clear()  # noqa: SLF001 - other tests read the real scripts


def test_the_limit_ends_all_that_the_step_started(trial: Trial) -> None:
    began = time.monotonic()
    status, said, error = trial.run("(sleep 4711; true) & sleep 4712", limit=2)
    assert time.monotonic() - began < 12
    assert (status, said) == (124, "")
    assert error.startswith("infra (h1.lab.internal): step trial: exceeded its time limit of 2 s\n  what to do: ")
    assert trial.root("pgrep -f 'sleep 471[12]' || true") == ""


def test_the_limit_ends_what_ignores_a_polite_end(trial: Trial) -> None:
    status, _, _ = trial.run("trap '' TERM; while :; do sleep 0.1; done", limit=1)
    assert status == 124


def test_a_second_run_waits_for_the_first(trial: Trial) -> None:
    body = 'echo begin >>/root/order; sleep 2; echo end >>/root/order; changed "done"'
    trial.root("rm -f /root/order")
    text = trial.text(body)
    first = trial.lab.popen([*trial.lab.ssh_argv("h1"), launcher("trial")], stdin=-1, stdout=-1, stderr=-1)
    assert first.stdin is not None
    first.stdin.write(text)
    first.stdin.close()
    time.sleep(0.5)
    assert trial.run(body)[0] == 0
    assert first.wait() == 0
    assert first.stdout is not None
    first.stdout.close()
    assert first.stderr is not None
    first.stderr.close()
    assert trial.root("cat /root/order").split() == ["begin", "end", "begin", "end"]


def test_a_dropped_connection_does_not_end_the_step(trial: Trial) -> None:
    text = trial.text("touch /root/begun; sleep 1; touch /root/reached")
    trial.root("rm -f /root/begun /root/reached")
    first = trial.lab.popen([*trial.lab.ssh_argv("h1"), launcher("trial")], stdin=-1)
    assert first.stdin is not None
    first.stdin.write(text)
    first.stdin.close()
    assert wait_until((trial.lab.upper("h1") / "root/begun").exists, 20)
    first.kill()
    first.wait()
    assert trial.run("test -e /root/reached")[0] == 0


def test_secrets_are_masked_in_all_that_comes_back(trial: Trial) -> None:
    status, said, error = trial.run('changed "set $password"; output key "$password"')
    assert (status, error) == (0, "")
    assert said == "changed: set [secret]\nfact: key=[secret]\n"
    status, said, error = trial.run('fail "cannot use $password" "change $password"')
    assert status == 1
    assert SECRET not in said + error
    assert "cannot use [secret]" in error


def test_secrets_with_odd_characters_are_masked_too(trial: Trial) -> None:
    odd = "a*b'c\"d$e[f]\\g"
    assert trial.run('changed "<$password>"', secret=odd)[1] == "changed: <[secret]>\n"


def test_what_comes_back_cannot_command_the_terminal(trial: Trial) -> None:
    body = "changed $'a\\e[2J\\xe2\\x80\\xaeb\\rc\\xe2\\x80\\xa8'; fail $'no\\e]0;x\\a' 'look'"
    assert trial.run(body.partition(";")[0])[1] == "changed: a[2Jbc\n"
    assert "step trial: no]0;x\n" in trial.run(body)[2]


def test_a_failure_that_a_pipe_swallows_ends_the_step(trial: Trial) -> None:
    status, said, error = trial.run("echo x | fail 'cannot go on' 'look' || true")
    assert (status, said) == (1, "")
    assert error.startswith("infra (h1.lab.internal): step trial: cannot go on\n  what to do: look\n")


def test_secrets_are_in_no_argument_list_and_no_receipt(trial: Trial) -> None:
    body = 'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " <$f || true; done >/root/processes 2>/dev/null; changed x'
    assert trial.run(body)[0] == 0
    assert SECRET not in trial.root("cat /root/processes /var/lib/deephaven-install/receipts/trial.json")
    assert trial.root(f"grep -c {SECRET} /var/log/deephaven-install/trial.log || true").strip() == "0"


def test_long_output_is_kept_in_the_log_and_bounded_on_the_way_back(trial: Trial) -> None:
    status, said, _ = trial.run(
        'head -c 200000 /dev/zero | tr "\\0" x; changed "$(head -c 70000 /dev/zero | tr "\\0" y)"'
    )
    assert status == 0
    assert len(said) < 17000
    assert max(map(len, said.splitlines())) <= 300
    assert int(trial.root("wc -c </var/log/deephaven-install/trial.log")) > 200000


def test_what_a_script_prints_does_not_come_back(trial: Trial) -> None:
    assert trial.run("echo out; echo err >&2") == (0, "unchanged\n", "")


def test_a_script_cannot_read_what_is_sent_after_it(trial: Trial) -> None:
    assert trial.run('read -r line || changed "nothing to read"') == (0, "changed: nothing to read\n", "")


def test_a_failing_command_ends_the_step_and_names_the_log(trial: Trial) -> None:
    status, said, error = trial.run("false; touch /root/never")
    assert (status, said) == (1, "")
    assert error.splitlines()[0] == "infra (h1.lab.internal): step trial: exited with status 1"
    assert error.splitlines()[2] == (
        "  its log on infra (h1.lab.internal): sudo cat /var/log/deephaven-install/trial.log"
    )
    assert trial.root("ls /root/never 2>/dev/null || true") == ""


def test_a_missing_input_is_refused(trial: Trial) -> None:
    assert "the plan lacks the input size" in trial.run("require_vars password size")[2]


def test_a_receipt_says_when_with_which_inputs_and_which_files(trial: Trial) -> None:
    assert trial.run("echo content >/root/watched; track_file /root/watched", size="3")[0] == 0
    receipt = json.loads(trial.root("cat /var/lib/deephaven-install/receipts/trial.json"))
    digest = trial.root("sha256sum </root/watched").split()[0]
    assert receipt["files"] == {"/root/watched": digest}
    assert receipt["inputs"] == script.digest({"size": "3"})
    assert receipt["step"] == "trial"
    assert receipt["time"].endswith("Z")


def test_a_failed_step_leaves_no_receipt(trial: Trial) -> None:
    assert trial.run("false")[0] == 1
    assert trial.root("ls /var/lib/deephaven-install/receipts") == ""


def test_already_holds_for_the_same_inputs_and_files_only(trial: Trial) -> None:
    body = 'if up_to_date; then return 0; fi\necho content >/root/watched; track_file /root/watched; changed "made"'
    trial.root("rm -f /root/watched")
    assert [trial.run(body, size="1")[1] for _ in range(2)] == ["changed: made\n", "unchanged\n"]
    assert trial.run(body, size="2")[1] == "changed: made\n"
    trial.root("echo other >/root/watched")
    assert trial.run(body, size="2")[1] == "changed: made\n"
    trial.root("rm /root/watched")
    assert trial.run(body, size="2")[1] == "changed: made\n"
    assert trial.run(body, size="2")[1] == "unchanged\n"


@pytest.mark.parametrize("damage", ["truncate -s -3", "sed -i 's/}}$/}/'", "sed -i s/T/,/", "truncate -s 0"])
def test_a_damaged_receipt_says_nothing_and_is_written_again(trial: Trial, damage: str) -> None:
    body = 'if up_to_date; then return 0; fi\necho content >/root/watched; track_file /root/watched; changed "made"'
    receipt = "/var/lib/deephaven-install/receipts/trial.json"
    assert trial.run(body)[1] == "changed: made\n"
    trial.root(f"{damage} {receipt}")
    assert [trial.run(body)[1] for _ in range(2)] == ["changed: made\n", "unchanged\n"]
    assert json.loads(trial.root(f"cat {receipt}"))["step"] == "trial"


def test_logs_and_receipts_are_for_root_alone(trial: Trial) -> None:
    assert trial.run("true")[0] == 0
    modes = "stat -c %a:%U /var/log/deephaven-install /var/log/deephaven-install/trial.log /var/lib/deephaven-install"
    assert trial.root(modes).split() == ["700:root", "600:root", "700:root"]


def test_a_receipt_says_of_which_host_and_machine_it_is(trial: Trial) -> None:
    trial.run("track_file /etc/hostname")
    written = json.loads(trial.root("cat /var/lib/deephaven-install/receipts/trial.json"))
    assert written["host"] == NODE.label
    assert written["machine"] == trial.root("cat /etc/machine-id").strip()


def test_a_receipt_of_another_machine_is_written_anew_though_nothing_is_to_do(trial: Trial) -> None:
    body = "up_to_date || changed 'something'"
    assert trial.run(body)[1] == "changed: something\n"
    receipt = "/var/lib/deephaven-install/receipts/trial.json"
    trial.root(f'sed -i \'s/"machine": "[^"]*"/"machine": "{"0" * 32}"/\' {receipt}')
    assert trial.run(body)[1] == "unchanged\n"
    assert json.loads(trial.root(f"cat {receipt}"))["machine"] == trial.root("cat /etc/machine-id").strip()


# A directory, how it comes to be, and who writes a file of nobody's, and one of root's, in it.
WRITERS = {
    "root's alone": ("mkdir d", "root", "root"),
    "root's group may write": ("mkdir -m 775 d", "root", "root"),
    "another group may write": ("mkdir -m 775 d; chgrp 100 d", "nobody", None),
    "all may write": ("mkdir -m 777 d", "nobody", None),
    "sticky": ("mkdir -m 1777 d", "nobody", None),
    "below a sticky one": ("mkdir -p d; mkdir -m 1777 s; mv d s/; ln -s s/d d", "root", "root"),
    "another account's": ("mkdir d; chown bin d", "bin", "bin"),
    "root's in another account's": ("mkdir -p o/d; chown bin o; ln -s o/d d", "bin", "bin"),
    "behind another account's link": ("mkdir -p e; ln -s e d; chown -h bin d", "bin", "bin"),
    "behind a link in another account's directory": (
        "mkdir e o; ln -s ../e o/d; chown bin o; ln -s o/d d",
        "bin",
        "bin",
    ),
    "a link that leads to itself": ("ln -s d d", None, None),
    "not there": ("true", "root", "root"),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_the_writer_of_a_directory_is_whoever_could_exchange_what_is_in_it(trial: Trial, kind: str) -> None:
    arrange, *expected = WRITERS[kind]
    trial.root(f"rm -rf /root/w; mkdir /root/w; cd /root/w; umask 022; {arrange}")
    for account, writer in zip(("nobody", "root"), expected, strict=True):
        status, said, _ = trial.run(f'{FILES}\nchanged "$(writer_of /root/w/d {account} || echo refused)"')
        assert (status, said) == (0, f"changed: {writer or 'refused'}\n")
