# shellcheck shell=bash disable=SC2154 # inputs come from the plan
# Installs the web certificate and its key (guide, step 6).
# Needs: crt_file, key_file (in one directory), mode, owner (user:group), and the secrets crt and key, as PEM text.
# Leaves: both files with that mode and owner, replaced together: both lie ready before the first is renamed.
# Second run: changes nothing while both are the same; a run that broke off between the two is completed.
needs crt_file key_file mode owner crt key

directory=${crt_file%/*}
id -u "${owner%:*}" >/dev/null 2>&1 || fail "there is no account ${owner%:*}" "the product's RPM makes it; see the step product on this host"
mkdir -p "$directory"
rm -rf "$directory"/.new.* # of a run that broke off: it holds a key
new=$(mktemp -d "$directory/.new.XXXXXX")
trap 'rm -rf "$new"' EXIT
printf '%s\n' "$crt" | put "$new/crt" "$mode" "$owner"
printf '%s\n' "$key" | put "$new/key" "$mode" "$owner"

# What no machine but this one can tell: whether its own openssl reads both, and what its clock says.
public() { openssl x509 -in "$new/crt" -noout -pubkey >"$work/of-crt" && openssl pkey -in "$new/key" -passin pass: -pubout >"$work/of-key"; }
public || fail 'openssl on this host cannot read the certificate or its key' 'give another type of key; the log has what openssl says'
cmp -s "$work/of-crt" "$work/of-key" || fail 'certificate and key do not belong together' 'give the key that the certificate was made for'
start=$(openssl x509 -in "$new/crt" -noout -startdate | cut -d= -f2)
[ "$(date +%s)" -ge "$(date -d "$start" +%s)" ] || fail "by this host's clock the certificate is not valid before $start" 'set the clock of this host, then run pulumi up again'
openssl x509 -in "$new/crt" -noout -checkend 0 >/dev/null || fail "by this host's clock the certificate has expired" 'set the clock of this host, or renew the certificate'

same() { cmp -s "$1" "$2" && [ "$(stat -c %a:%U:%G "$1")" = "$(stat -c %a:%U:%G "$2")" ]; }
if ! same "$new/key" "$key_file" || ! same "$new/crt" "$crt_file"; then
  mv -f "$new/key" "$key_file"
  mv -f "$new/crt" "$crt_file"
  changed "web certificate installed in $directory"
fi
watch "$crt_file" "$key_file"
