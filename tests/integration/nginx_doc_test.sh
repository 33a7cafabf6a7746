#!/bin/sh
# SPDX-License-Identifier: MIT
#
# docs/nginx.md's ConfigMap, as it stands there but for paths and ports, is what nginx runs with; what the page says is
# live is live, and what needs a reload needs one. The example of the module's README runs, too.
set -eu
tool=$1 source_dir=$2 build_dir=$3
. "$source_dir/tests/support/nginx.sh"
nginx_begin
port_status=$("$client" port)
behind=$("$client" port)

temp_paths=$(for path in client_body proxy fastcgi uwsgi scgi; do echo "${path}_temp_path $work/temp;"; done | paste -sd ' ')

# manifest KIND: that of the page
manifest() {
    awk -v kind="kind: $1" '
        /^```yaml$/ { inside = 1; text = ""; next }
        /^```$/ && inside { if (index(text, kind "\n")) printf "%s", text; inside = 0 }
        inside { text = text $0 "\n" }' "$source_dir/docs/nginx.md"
}

# here [DIRECTIVES]: standard input, as it runs here, for anybody
here() {
    sed "s|http {|http { $temp_paths ${1:-}|
        s|/usr/lib/nginx/modules/ngx_http_cmreload_module.so|$module|; s|/etc/nginx/web|$work/web|
        s|listen 8080|listen 127.0.0.1:$port|; s|127.0.0.1:8082|127.0.0.1:$port_status|; s|/dev/stdout|$work/access.log|
        s|events {}|daemon off; pid $work/pid; events {}|"
}

manifest Deployment >"$work/deployment.yaml"
grep -q 'mountPath: /etc/nginx/web' "$work/deployment.yaml" || fail "no Deployment with that mount"
! grep -q subPath "$work/deployment.yaml" || fail "the Deployment has a subPath"
manifest ConfigMap | here >"$work/manifest.yaml"
"$tool" apply "$work/web" -f "$work/manifest.yaml" >/dev/null || fail "the ConfigMap"
cp "$work/web/nginx.conf" "$work/nginx.conf" # to show when it fails

# The server behind tells what is asked of it, and answers.
nginx_conf "$work/behind.conf" 'master_process off;' <<CONF
    access_log off;
    server { listen 127.0.0.1:$behind; location / { return 200 behind; } }
CONF
sed -i "s|pid $work/pid|pid $work/behind.pid|" "$work/behind.conf"
nginx -p "$work" -c "$work/behind.conf" -e "$work/behind.log" &
swapping=$!

# site LINE...: these are the properties, beside the same nginx.conf
site() {
    printf '%s\n' "$@" "backend=127.0.0.1:$behind" >"$work/site.properties"
    "$tool" apply "$work/web" --merge --from-file="$work/site.properties" >/dev/null
}

site 'banner=Open until six' rate=200k
nginx_run "$work/web/nginx.conf"
wait_for 'the server behind' body_is / behind
head_of / | grep -qx 'X-Banner: Open until six' || fail "$(head_of /)"

has() {
    head_of / | grep -q "$1"
}
site 'banner=Closing soon' closed=0
wait_for 'another banner' has 'X-Banner: Closing soon'
site closed=1
wait_for 'that it is closed' has '^HTTP/1.1 503'
site logged=0
wait_for 'that it is open' has '^HTTP/1.1 200'
status_is() {
    "$client" get "$port_status" "$1" | grep -q "$2"
}
wait_for 'the status' status_is /config '"worker":[0-9]'
wait_for 'metrics' status_is /metrics '^nginx_cmreload_.*worker="'
echo "ok: what the page has is live"

# ---- what needs a reload ------------------------------------------------------------------------

sed 's|return 503|return 418|' "$work/nginx.conf" >"$work/changed.conf"
printf '%s\n' closed=1 >"$work/site.properties"
"$tool" apply "$work/web" --merge --from-file=nginx.conf="$work/changed.conf" --from-file="$work/site.properties" >/dev/null
wait_for 'that it is closed' has '^HTTP/1.1 503'
kill -HUP "$master"
wait_for 'the new nginx.conf' has '^HTTP/1.1 418'
nginx_quit
grep -q '"GET / HTTP/1.1" 200' "$work/access.log" || fail "no access log"
no_alert
echo "ok: nginx.conf needs a reload, and no more"

# ---- README's example ---------------------------------------------------------------------------

awk '/^```nginx$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$source_dir/bindings/nginx/README.md" |
    here 'access_log off;' >"$work/nginx.conf"
[ "$(wc -l <"$work/nginx.conf")" -le 10 ] || fail "README's example has more than ten lines"
nginx_run "$work/nginx.conf"
body_is / 'no banner' || fail "README's example: $(body /)"
site banner=hello
wait_for "README's banner" body_is / hello
nginx_quit
echo "ok: README's example"
