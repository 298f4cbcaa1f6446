# shellcheck shell=bash disable=SC2154 # the test sets these
# The beginning of a step that is interrupted before its command number trap_at, if that is set;
# counts the commands. trap_fault is "kill", or "full": trap_disk is full then. Without trap_whole,
# only the commands of the step's own script count, and of the functions that it calls. The
# watchdog's never do, because it runs at the same time; nor do those of functions that only look at
# directories: an interruption in them leaves what one before them leaves. Second run: counts on.
interrupt_here() {
  local before='' self
  case ${FUNCNAME[1]} in watch_over | writer_of | shared | read_clock) return 0 ;; esac
  [[ -n $trap_whole || " ${FUNCNAME[*]} " == *' step '* ]] || return 0
  read -r before <"$trap_directory/counter" || true
  printf . >>"$trap_directory/counter" # one character for each command: appending is atomic
  [ -n "$trap_at" ] && [ "${#before}" -ge "$trap_at" ] && [ ! -e "$trap_directory/reached" ] ||
    return 0
  printf '%s\n' "${BASH_COMMAND%%$'\n'*}" >"$trap_directory/reached"
  if [ "$trap_fault" = full ]; then
    cat /dev/zero >"$trap_disk/.filler" 2>/dev/null || true
    return 0
  fi
  self=$BASHPID
  for _ in 1 2 3; do # a process may start another one in the meantime
    # shellcheck disable=SC2009,SC2046 # pgrep cannot leave this shell to the end
    kill -KILL $(ps -o pid= -s $$ | grep -vw "$self") 2>/dev/null || true
  done
  kill -KILL "$self"
}
set -o functrace
trap interrupt_here DEBUG
