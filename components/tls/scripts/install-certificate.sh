# Installs the web certificate and its key (guide, step 6).
# Needs: crt_file, key_file (in one directory), mode, owner (user:group), and the secrets crt and
# key, as PEM text.
# Leaves: both files with that mode and owner, the key written first, and only after both have
# passed every check.
# Second run: changes nothing while both are the same; completes a run that was interrupted between
# the two.
require_vars crt_file key_file mode owner crt key

directory=${crt_file%/*}
id -u "${owner%:*}" >/dev/null 2>&1 ||
  fail "the account ${owner%:*} is missing" "check the step product on this host, which creates it"
new=$work/pair # for root only: the directory may be another account's
(umask 077 && mkdir "$new" && printf '%s\n' "$crt" >"$new/crt" && printf '%s\n' "$key" >"$new/key")

# Only this host can check whether its openssl reads both, and whether they are valid by its clock.
public() {
  openssl x509 -in "$new/crt" -noout -pubkey >"$work/of-crt" &&
    openssl pkey -in "$new/key" -passin pass: -pubout >"$work/of-key"
}
public ||
  fail 'openssl on this host cannot read the certificate or its key' \
    "use another type of key; the message of openssl is in the log"
cmp -s "$work/of-crt" "$work/of-key" ||
  fail 'certificate and key do not match' 'provide the key of this certificate'
start=$(openssl x509 -in "$new/crt" -noout -startdate | cut -d= -f2)
[ "$(date +%s)" -ge "$(date -d "$start" +%s)" ] ||
  fail "the certificate is not valid before $start by this host's clock" \
    'set the clock of this host, then run pulumi up again'
openssl x509 -in "$new/crt" -noout -checkend 0 >/dev/null ||
  fail "the certificate has expired by this host's clock" \
    'set the clock of this host, or renew the certificate'

installed=
if install_file "$key_file" "$mode" "$owner" cat "$new/key"; then installed=yes; fi
if install_file "$crt_file" "$mode" "$owner" cat "$new/crt"; then installed=yes; fi
[ -z "$installed" ] || changed "web certificate installed in $directory"
track_file "$crt_file" "$key_file"
