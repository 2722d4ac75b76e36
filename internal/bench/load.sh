#!/bin/sh
# Loads Poligon with wrk beside a bare net/http server that writes the same bytes, in one run, and prints tables for
# docs/performance.md. From the top of the tree: internal/bench/load.sh [CALCULATIONS [SECONDS [ROUNDS]]]. It needs go, wrk and Linux.
set -eu
calculations=${1:-1000000} seconds=${2:-3} rounds=${3:-3}
work=$(mktemp -d)
poligon= bare=
trap 'kill $poligon $bare 2>/dev/null; rm -rf "$work"' EXIT
go build -trimpath -o "$work/poligon" ./cmd/poligon
go build -trimpath -o "$work/bare" ./internal/bench/bare
GODEBUG=gctrace=1 "$work/poligon" serve --listen 127.0.0.1:18080 >"$work/log" 2>"$work/gc" & poligon=$!
"$work/poligon" readyz --wait --url http://127.0.0.1:18080 >/dev/null
rss() { awk -v what="$1" '$1 == what":" { printf "%.0f MB", $2 / 1024 }' "/proc/$poligon/status"; }
sleep 3 # until it has given back what the start left behind
idle=$(rss VmRSS)
"$work/bare" --listen 127.0.0.1:18090 --like http://127.0.0.1:18080 --requests "$work" --calculations "$calculations" & bare=$!
until [ -s "$work/import1000.lua" ] && wrk -t1 -c1 -d1 http://127.0.0.1:18090/osago/calculate/status >/dev/null 2>&1; do sleep 0.1; done

# load NAME SERVER SCRIPT: a line of requests a second and the 99th percentile in microseconds.
load() {
	wrk -t1 -c32 -d"$seconds" --latency -s "$work/$3" "http://127.0.0.1:$2" >"$work/out"
	if grep -q Non-2xx "$work/out"; then echo "$1: $(grep Non-2xx "$work/out")" >&2; exit 1; fi
	awk -v name="$1" '
		function us(t) { return t ~ /us$/ ? t + 0 : t ~ /ms$/ ? t * 1000 : t * 1000000 }
		$1 == "99%" { p99 = us($2) }
		$1 == "Requests/sec:" { rate = $2 }
		END { printf "%s %.0f %.0f\n", name, rate, p99 }' "$work/out" >>"$work/figures"
}
# middle NAME COLUMN: the median of the rounds.
middle() { awk -v name="$1" -v f="$2" '$1 == name { print $f }' "$work/figures" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
compare() { # WORK SCRIPT BASE-SCRIPT BASE
	for round in $(seq "$rounds"); do
		load "$1-$4-base" 18090 "$3"
		load "$1-$4" 18080 "$2"
	done
	awk -v work="$1" -v base="$4" -v a="$(middle "$1-$4-base" 2)" -v b="$(middle "$1-$4" 2)" -v p="$(middle "$1-$4-base" 3)" -v q="$(middle "$1-$4" 3)" \
		'BEGIN { printf "| %s | %s | %d/s | %d/s | %.2f | %.2f ms | %.2f ms | %.1f |\n", work, base, a, b, b / a, p / 1000, q / 1000, q / p }'
}

if [ "$calculations" -gt 0 ]; then # by one thread, for as long as it takes to start each once
	wrk -t1 -c32 -d"$((calculations / 25000 + 1))" -s "$work/start.lua" http://127.0.0.1:18080 >/dev/null
fi
started=$(rss VmRSS)
echo '| work, 32 connections | beside | its rate | Poligon | of it | its p99 | Poligon p99 | of it |'
echo '| --- | --- | --- | --- | --- | --- | --- | --- |'
compare poll poll.lua poll.lua bare
compare import-2 import2.lua decode2.lua decode
compare import-2 import2.lua bare2.lua bare
loaded=$(rss VmRSS)
compare import-1000 import1000.lua decode1000.lua decode
compare import-1000 import1000.lua bare1000.lua bare
echo
echo "resident: idle $idle, with the calculations $started, after the load $loaded, at its peak $(rss VmHWM)"
awk '/^gc / { split($5, t, "+"); ms = 0; for (i in t) ms += t[i]; if (ms > most) most = ms } END { printf "longest cycle of the collector: %.1f ms of %d\n", most, NR }' "$work/gc"
