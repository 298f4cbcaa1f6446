# shellcheck shell=bash disable=SC2154 # the test sets these
# The beginning of a step that is killed before its command number kill_at, if that is set; counts
# the commands. Without kill_runtime, only the commands of the step's own script count, and of the
# functions that it calls. The watchdog's never do, because it runs at the same time; nor do those
# of functions that only look at directories: a kill in them leaves what a kill before them leaves.
# Second run: counts on.
kill_here() {
  local before=
  case ${FUNCNAME[1]} in watch_over | writer_of | shared | read_clock) return 0 ;; esac
  [[ -n $kill_runtime || " ${FUNCNAME[*]} " == *' step '* ]] || return 0
  read -r before <"$kill_directory/counter" || true
  printf . >>"$kill_directory/counter" # one character for each command: appending is atomic
  [ -n "$kill_at" ] && [ "${#before}" -ge "$kill_at" ] || return 0
  printf '%s\n' "${BASH_COMMAND%%$'\n'*}" >"$kill_directory/killed"
  # shellcheck disable=SC2009,SC2046 # pgrep cannot leave this shell to the end
  kill -KILL $(ps -o pid= -s $$ | grep -vw "$BASHPID") "$BASHPID"
}
set -o functrace
trap kill_here DEBUG
