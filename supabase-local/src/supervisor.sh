# Waits for its parent to end, for whatever reason, and cleans up after it.
#
# Standard input is a pipe whose other end only the parent holds. The parent tells what it starts:
#   engine SIGNAL PID    an engine runs; SIGNAL is what ends it
#   ended PID            it ended
# $1 is the folder that is removed at the end.

# Ctrl-C and the end of a terminal are the parent's business.
trap '' HUP INT QUIT TERM

# A zombie has ended; in a container it may be long before somebody reaps it.
is_alive() {
    kill -0 "$1" || return 1
    case $(ps -o stat= -p "$1") in Z*) return 1 ;; esac
}

engines=''
while read -r verb first second; do
    case $verb in
    engine) engines="$engines $first:$second" ;;
    ended)
        remaining=''
        for engine in $engines; do
            [ "${engine#*:}" = "$first" ] || remaining="$remaining $engine"
        done
        engines=$remaining
        ;;
    esac
done

for engine in $engines; do
    kill -s "${engine%%:*}" "${engine#*:}"
done

# Five seconds for an orderly end.
attempt=0
while [ "$attempt" -lt 100 ]; do
    alive=''
    for engine in $engines; do
        is_alive "${engine#*:}" && alive=yes
    done
    [ -n "$alive" ] || break
    attempt=$((attempt + 1))
    sleep 0.05
done
for engine in $engines; do
    kill -s KILL "${engine#*:}"
done
rm -rf -- "$1"
