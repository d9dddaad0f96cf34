#!/bin/sh
# One target with its dictionary, its seeds and the limits that count: a slow input, a large one and a
# panic are all finds. From any folder:
#
#     fuzz/run.sh TARGET [SECONDS] [OPTIONS OF LIBFUZZER]
set -eu
cd "$(dirname "$0")/.."
target=$1
seconds=${2:-120}
[ $# -lt 2 ] || shift
shift
case $target in
permissions | retrieved | xml_differential) dictionary=permissions ;;
fields | groups) dictionary=metadata ;;
justifications) dictionary=policy ;;
*) dictionary=$target ;;
esac
mkdir -p "fuzz/corpus/$target"
# Bytes without words have no dictionary.
[ ! -f "fuzz/dictionaries/$dictionary.dict" ] || set -- "-dict=fuzz/dictionaries/$dictionary.dict" "$@"
RUSTC_BOOTSTRAP=1 exec cargo fuzz run "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
    -max_total_time="$seconds" \
    -timeout=5 -rss_limit_mb=512 -max_len=65536 -print_final_stats=1 "$@"
