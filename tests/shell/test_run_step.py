"""Tests of what every step adds to its script: time limit, lock, log, receipt, masked and limited output."""

import json
import time

import pytest

from components.steps import script
from components.steps.script import launcher
from lab.hosts.process import wait_until
from tests.shell.bench import NODE
from tests.shell.conftest import SECRET, Trial

pytestmark = pytest.mark.lab


def test_the_time_limit_ends_every_process_of_the_step(trial: Trial) -> None:
    start = time.monotonic()
    status, output, error = trial.run("(sleep 4711; true) & sleep 4712", limit=2)
    assert time.monotonic() - start < 12
    assert (status, output) == (124, "")
    assert error.startswith("infra (h1.lab.internal): step trial: exceeded its time limit of 2 s\n  what to do: ")
    assert trial.root("pgrep -f 'sleep 471[12]' || true") == ""


def test_the_time_limit_kills_a_step_that_ignores_sigterm(trial: Trial) -> None:
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


def test_secrets_are_masked_in_messages_and_errors(trial: Trial) -> None:
    status, output, error = trial.run('changed "set $password"; output key "$password"')
    assert (status, error) == (0, "")
    assert output == "changed: set [secret]\nfact: key=[secret]\n"
    status, output, error = trial.run('fail "cannot use $password" "change $password"')
    assert status == 1
    assert SECRET not in output + error
    assert "cannot use [secret]" in error


def test_secrets_with_special_characters_are_masked(trial: Trial) -> None:
    special = "a*b'c\"d$e[f]\\g"
    assert trial.run('changed "<$password>"', secret=special)[1] == "changed: <[secret]>\n"


def test_messages_and_errors_contain_no_control_characters(trial: Trial) -> None:
    body = "changed $'a\\e[2J\\xe2\\x80\\xaeb\\rc\\xe2\\x80\\xa8'; fail $'no\\e]0;x\\a' 'look'"
    assert trial.run(body.partition(";")[0])[1] == "changed: a[2Jbc\n"
    assert "step trial: no]0;x\n" in trial.run(body)[2]


def test_a_failure_inside_a_pipe_fails_the_step(trial: Trial) -> None:
    status, output, error = trial.run("echo x | fail 'cannot go on' 'look' || true")
    assert (status, output) == (1, "")
    assert error.startswith("infra (h1.lab.internal): step trial: cannot go on\n  what to do: look\n")


def test_secrets_are_not_in_arguments_receipts_or_logs(trial: Trial) -> None:
    body = 'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " <$f || true; done >/root/processes 2>/dev/null; changed x'
    assert trial.run(body)[0] == 0
    assert SECRET not in trial.root("cat /root/processes /var/lib/deephaven-install/receipts/trial.json")
    assert trial.root(f"grep -c {SECRET} /var/log/deephaven-install/trial.log || true").strip() == "0"


def test_long_output_is_complete_in_the_log_and_limited_for_the_operator(trial: Trial) -> None:
    status, output, _ = trial.run(
        'head -c 200000 /dev/zero | tr "\\0" x; changed "$(head -c 70000 /dev/zero | tr "\\0" y)"'
    )
    assert status == 0
    assert len(output) < 17000
    assert max(map(len, output.splitlines())) <= 300
    assert int(trial.root("wc -c </var/log/deephaven-install/trial.log")) > 200000


def test_the_output_of_a_script_goes_only_to_the_log(trial: Trial) -> None:
    assert trial.run("echo out; echo err >&2") == (0, "unchanged\n", "")


def test_a_script_cannot_read_the_standard_input_of_its_step(trial: Trial) -> None:
    assert trial.run('read -r line || changed "nothing to read"') == (0, "changed: nothing to read\n", "")


def test_a_failing_command_fails_the_step_and_the_error_names_the_log(trial: Trial) -> None:
    status, output, error = trial.run("false; touch /root/never")
    assert (status, output) == (1, "")
    assert error.splitlines()[0] == "infra (h1.lab.internal): step trial: exited with status 1"
    assert error.splitlines()[2] == (
        "  its log on infra (h1.lab.internal): sudo cat /var/log/deephaven-install/trial.log"
    )
    assert trial.root("ls /root/never 2>/dev/null || true") == ""


def test_a_missing_input_fails_the_step(trial: Trial) -> None:
    assert "the plan lacks the input size" in trial.run("require_vars password size")[2]


def test_a_receipt_records_time_inputs_and_tracked_files(trial: Trial) -> None:
    assert trial.run("echo content >/root/tracked; track_file /root/tracked", size="3")[0] == 0
    receipt = json.loads(trial.root("cat /var/lib/deephaven-install/receipts/trial.json"))
    digest = trial.root("sha256sum </root/tracked").split()[0]
    assert receipt["files"] == {"/root/tracked": digest}
    assert receipt["inputs"] == script.digest({"size": "3"})
    assert receipt["step"] == "trial"
    assert receipt["time"].endswith("Z")


def test_a_failed_step_leaves_no_receipt(trial: Trial) -> None:
    assert trial.run("false")[0] == 1
    assert trial.root("ls /var/lib/deephaven-install/receipts") == ""


def test_up_to_date_requires_the_same_inputs_and_unchanged_files(trial: Trial) -> None:
    body = 'if up_to_date; then return 0; fi\necho content >/root/tracked; track_file /root/tracked; changed "created"'
    trial.root("rm -f /root/tracked")
    assert [trial.run(body, size="1")[1] for _ in range(2)] == ["changed: created\n", "unchanged\n"]
    assert trial.run(body, size="2")[1] == "changed: created\n"
    trial.root("echo other >/root/tracked")
    assert trial.run(body, size="2")[1] == "changed: created\n"
    trial.root("rm /root/tracked")
    assert trial.run(body, size="2")[1] == "changed: created\n"
    assert trial.run(body, size="2")[1] == "unchanged\n"


@pytest.mark.parametrize("damage", ["truncate -s -3", "sed -i 's/}}$/}/'", "sed -i s/T/,/", "truncate -s 0"])
def test_a_damaged_receipt_is_ignored_and_written_again(trial: Trial, damage: str) -> None:
    body = 'if up_to_date; then return 0; fi\necho content >/root/tracked; track_file /root/tracked; changed "created"'
    receipt = "/var/lib/deephaven-install/receipts/trial.json"
    assert trial.run(body)[1] == "changed: created\n"
    trial.root(f"{damage} {receipt}")
    assert [trial.run(body)[1] for _ in range(2)] == ["changed: created\n", "unchanged\n"]
    assert json.loads(trial.root(f"cat {receipt}"))["step"] == "trial"


def test_only_root_can_read_logs_and_receipts(trial: Trial) -> None:
    assert trial.run("true")[0] == 0
    modes = "stat -c %a:%U /var/log/deephaven-install /var/log/deephaven-install/trial.log /var/lib/deephaven-install"
    assert trial.root(modes).split() == ["700:root", "600:root", "700:root"]


def test_a_receipt_records_its_host_and_machine(trial: Trial) -> None:
    trial.run("track_file /etc/hostname")
    receipt = json.loads(trial.root("cat /var/lib/deephaven-install/receipts/trial.json"))
    assert receipt["host"] == NODE.label
    assert receipt["machine"] == trial.root("cat /etc/machine-id").strip()


def test_a_receipt_of_another_machine_is_written_again_by_a_run_that_changes_nothing(trial: Trial) -> None:
    body = "up_to_date || changed 'something'"
    assert trial.run(body)[1] == "changed: something\n"
    receipt = "/var/lib/deephaven-install/receipts/trial.json"
    trial.root(f'sed -i \'s/"machine": "[^"]*"/"machine": "{"0" * 32}"/\' {receipt}')
    assert trial.run(body)[1] == "unchanged\n"
    assert json.loads(trial.root(f"cat {receipt}"))["machine"] == trial.root("cat /etc/machine-id").strip()


# Directories: the commands that create one, and which account writes a file of nobody's and a file of root's there.
WRITERS = {
    "only root may write": ("mkdir d", "root", "root"),
    "root's group may write too": ("mkdir -m 775 d", "root", "root"),
    "another group may write too": ("mkdir -m 775 d; chgrp 100 d", "nobody", None),
    "everyone may write": ("mkdir -m 777 d", "nobody", None),
    "sticky": ("mkdir -m 1777 d", "nobody", None),
    "in a sticky directory": ("mkdir -p d; mkdir -m 1777 s; mv d s/; ln -s s/d d", "root", "root"),
    "another account's": ("mkdir d; chown bin d", "bin", "bin"),
    "root's in another account's": ("mkdir -p o/d; chown bin o; ln -s o/d d", "bin", "bin"),
    "behind another account's link": ("mkdir -p e; ln -s e d; chown -h bin d", "bin", "bin"),
    "behind a link in another account's directory": (
        "mkdir e o; ln -s ../e o/d; chown bin o; ln -s o/d d",
        "bin",
        "bin",
    ),
    "a link to itself": ("ln -s d d", None, None),
    "missing": ("true", "root", "root"),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_writer_of_prints_the_account_that_could_exchange_files(trial: Trial, kind: str) -> None:
    arrange, *expected = WRITERS[kind]
    trial.root(f"rm -rf /root/w; mkdir /root/w; cd /root/w; umask 022; {arrange}")
    for account, writer in zip(("nobody", "root"), expected, strict=True):
        status, output, _ = trial.run(f'changed "$(writer_of /root/w/d {account} || echo refused)"')
        assert (status, output) == (0, f"changed: {writer or 'refused'}\n")


RECEIPT = "/var/lib/deephaven-install/receipts/trial.json"
ATTEMPT = "/var/lib/deephaven-install/attempts/trial"
WRITES = "if install_file /root/tracked 0644 root:root printf same; then changed written; fi; track_file /root/tracked"


def test_a_step_distrusts_its_files_until_a_run_succeeds(trial: Trial) -> None:
    trial.root("rm -f /root/tracked")
    assert [trial.run(WRITES)[1] for _ in range(2)] == ["changed: written\n", "unchanged\n"]
    assert trial.run(f"{WRITES}; false")[0] == 1
    assert trial.root(f"cat {ATTEMPT}") == ""
    assert [trial.run(WRITES)[1] for _ in range(2)] == ["changed: written\n", "unchanged\n"]
    assert trial.root(f"ls {ATTEMPT} 2>/dev/null || true") == ""


def test_a_vendor_script_that_was_interrupted_is_unfinished_until_a_run_succeeds(trial: Trial) -> None:
    body = "unfinished && changed unfinished; finished && changed finished; true"
    assert trial.run(body)[1] == "unchanged\n"
    assert trial.run("begin; false")[0] == 1
    assert trial.run(f"{body}; false")[0] == 1
    assert [trial.run(body)[1] for _ in range(2)] == ["changed: unfinished\n", "unchanged\n"]
    assert trial.run("begin; finish; false")[0] == 1
    assert [trial.run(body)[1] for _ in range(2)] == ["changed: finished\n", "unchanged\n"]


def test_a_receipt_keeps_its_files_if_a_run_finds_nothing_to_do(trial: Trial) -> None:
    assert trial.run("echo content >/root/tracked; track_file /root/tracked")[0] == 0
    before = json.loads(trial.root(f"cat {RECEIPT}"))["files"]
    assert trial.run("true")[0] == 0
    assert json.loads(trial.root(f"cat {RECEIPT}"))["files"] == before


# What makes a directory unusable, and the file that a step writes there.
DAMAGE = {
    "full": "mount -t tmpfs -o mode=755,size=64k tmpfs {0}; head -c 100000 /dev/zero >{0}/filling 2>/dev/null || true",
    "read-only": "mount --bind {0} {0}; mount -o remount,ro,bind {0}",
    "without inodes": "mount -t tmpfs -o mode=755,nr_inodes=2 tmpfs {0}; touch {0}/a {0}/b 2>/dev/null || true",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_is_whole_and_the_step_fails_if_it_cannot_be_written(trial: Trial, damage: str) -> None:
    body = WRITES.replace("/root/tracked", "/root/damaged/file").replace("printf same", "head -c 70000 /dev/zero")
    trial.root("rm -rf /root/damaged; mkdir /root/damaged")
    trial.root(f"{DAMAGE[damage].format('/root/damaged')}; echo previous >>/root/damaged/file 2>/dev/null || true")
    before = trial.root("cat /root/damaged/file 2>/dev/null || true")
    try:
        status, output, error = trial.run(body)
        assert (status, output) == (1, "")
        assert error.startswith("infra (h1.lab.internal): step trial: root cannot write /root/damaged/file\n")
        assert trial.root("cat /root/damaged/file 2>/dev/null || true") == before
    finally:
        trial.root("umount /root/damaged")
    assert [trial.run(body)[1] for _ in range(2)] == ["changed: written\n", "unchanged\n"]


@pytest.mark.parametrize(
    "directory", ["/var/lib/deephaven-install", "/var/log/deephaven-install", "/run/deephaven-install"]
)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_step_without_room_for_its_own_files_fails_by_name_and_converges(
    trial: Trial, directory: str, damage: str
) -> None:
    assert trial.run(WRITES)[0] == 0
    trial.root(f"mkdir -p /root/kept; rm -rf /root/kept/*; cp -a {directory}/. /root/kept/ 2>/dev/null || true")
    trial.root(DAMAGE[damage].format(directory) + f"; cp -rn /root/kept/runtime {directory}/ 2>/dev/null || true")
    try:
        status, output, error = trial.run(WRITES)
    finally:
        trial.root(f"umount {directory}")
    first, remedy = error.splitlines()[:2]
    assert (status, output) == (1, ""), output
    assert first.startswith("infra (h1.lab.internal): step trial: ")
    assert directory in first
    assert remedy.startswith("  what to do: ")
    assert trial.run(WRITES)[0] == 0
    assert trial.run(WRITES)[1] == "unchanged\n"
    assert trial.root("ls /tracked /output /failure /messages 2>/dev/null || true") == ""


def test_the_lock_is_held_until_the_last_process_of_a_late_step_ends(trial: Trial) -> None:
    body = "(trap '' TERM; while :; do echo alive >>/root/alive; sleep 0.1; done) & sleep 4712"
    trial.root("rm -f /root/alive")
    assert trial.run(body, limit=1, grace="1")[0] == 124
    lines = trial.root("wc -l </root/alive")
    time.sleep(0.5)
    assert trial.root("wc -l </root/alive") == lines


def test_a_silent_step_sends_a_line_at_each_heartbeat(trial: Trial) -> None:
    status, output, error = trial.run("sleep 2.5", heartbeat="1")
    assert (status, output) == (0, "unchanged\n")
    assert error == "step trial is running\n" * 2


def test_durations_do_not_follow_the_clock(trial: Trial) -> None:
    # the host's `date` jumps back by a day with each call
    date = '#!/bin/bash\necho x >>/root/days\nexec /bin/date -d "-$(wc -l </root/days) days" "$@"\n'
    trial.lab.ssh("h1", "sudo tee /usr/local/sbin/date >/dev/null && sudo chmod 755 /usr/local/sbin/date", input=date)
    try:
        assert trial.run("sleep 0.3; wait_for 1 true")[0] == 0
    finally:
        trial.root("rm -f /usr/local/sbin/date /root/days")
    assert 0.3 <= json.loads(trial.root(f"cat {RECEIPT}"))["seconds"] < 10


def test_each_line_of_a_secret_and_its_base64_are_masked(trial: Trial) -> None:
    secret = "first line of a key\nsecond line of a key"  # noqa: S105 - only for this test
    body = 'printf "%s\\n" "$password" >/root/secret; fail "$(tail -n 1 /root/secret) $(base64 -w 0 /root/secret)" look'
    _, _, error = trial.run(body, secret=secret)
    assert error.splitlines()[0] == "infra (h1.lab.internal): step trial: [secret] [secret]"


def test_a_tools_output_is_masked_before_it_is_cut(trial: Trial) -> None:
    body = 'show() { printf "%s" "$password"; head -c 590 /dev/zero | tr "\\0" x; return 1; }; run look show'
    _, _, error = trial.run(body)
    assert SECRET[-4:] not in error
    assert "[secret]xxx" in error.replace("\n", "")


def test_a_killed_step_leaves_nothing_in_temporary_directories(trial: Trial) -> None:
    trial.root("rm -rf /tmp/* /var/tmp/*")
    trial.run('read -r line <<<"$password"; echo "$password" >"$work/mine"; kill -KILL $$ 0')
    assert trial.root(f"grep -rl {SECRET} /tmp /var/tmp /var/lib/deephaven-install || true") == ""
    assert trial.run("true")[0] == 0
    assert trial.root(f"ls -A /run/deephaven-install; grep -rl {SECRET} /run/deephaven-install || true") == ""


def test_what_a_login_shell_prints_does_not_change_the_answer(trial: Trial) -> None:
    text = trial.text("changed something")
    result = trial.lab.ssh("h1", f"echo Welcome; {launcher('trial')}; echo Goodbye", input=text)
    assert result.stdout.splitlines()[1:-1] == [
        f"step: trial {script.digest({})}",
        "changed: something",
        "end: trial",
    ]
