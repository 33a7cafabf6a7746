# shellcheck shell=sh
# SPDX-License-Identifier: MIT
#
# Sourced by those that run share.c: its files, and the head of its table.

# share_workloads SOURCE FOLDER: writes the Kubernetes handbook's two files, and 1 MiB of YAML
share_workloads() {
    printf '%s\n' enemies=aliens lives=3 enemies.cheat=true enemies.cheat.level=noGoodRotten \
        secret.code.passphrase=UUDDLRLRBABAS secret.code.allowed=true secret.code.lives=30 >"$2/game.properties"
    printf '%s\n' color.good=purple color.bad=yellow allow.textmode=true how.nice.to.look=fairlyNice \
        >"$2/ui.properties"
    python3 "$1/tests/bench/workloads.py" w4.yaml 1048000 >"$2/w4.yaml"
}

share_head() {
    echo '| files | processes | swaps | until the last has answered, ms: median | worst | longest dispatch, ms: publisher | others |'
    echo '|---|---:|---:|---:|---:|---:|---:|'
}
