# What check, check-deep, fuzz and bench share. Sourced from the top folder.

jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
python=/usr/bin/python3
[ -x $python ] || python=python3
results=
broken=0
# Sanitizers of these compilers lose their way under the wide address-space
# randomization of newer kernels.
still="setarch $(uname -m) -R"
$still true 2>/dev/null || still=

# step TEXT COMMAND...: run it quietly, say how long it took; its words only
# when it failed.
step()
{
    text=$1
    shift
    started=$(date +%s)
    if "$@" >build/step.log 2>&1 </dev/null; then
        echo "$text: ok, $(($(date +%s) - started)) s"
        return 0
    fi
    grep -v '^\[[0-9/]*\] [A-Z]' build/step.log | tail -n 60
    echo "$text: FAILED, $(($(date +%s) - started)) s"
    broken=$((broken + 1))
    return 1
}

# build PRESET [OPTION...]: configure and build build/PRESET.
build()
{
    preset=$1
    shift
    step "$preset: configure" cmake --preset "$preset" "$@" &&
        step "$preset: build" cmake --build "build/$preset" -j "$jobs"
}

# tests PRESET [CTEST OPTION...]: run its tests; they are counted at the end.
tests()
{
    preset=$1
    shift
    rm -f "build/$preset.xml"
    results="$results build/$preset.xml"
    started=$(date +%s)
    $still ctest --test-dir "build/$preset" --output-on-failure \
        --no-tests=error --output-junit "$PWD/build/$preset.xml" -j "$jobs" \
        --test-output-size-passed 16000000 \
        --test-output-size-failed 16000000 "$@" </dev/null || true
    echo "$preset: tests ran $(($(date +%s) - started)) s"
}

# Count everything, the steps that broke included, and end with that line.
finish()
{
    echo "took $(($(date +%s) - begun)) s"
    $python scripts/tally --broken "$broken" $results
}

begun=$(date +%s)
mkdir -p build
