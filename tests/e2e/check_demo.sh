#!/usr/bin/env bash
# Looks at what `make demo` left with tools that are not ours: pdfsig with an NSS database that trusts the roots alone.
set -euo pipefail
demo=$1
nss=$(mktemp -d)
trap 'rm -rf "$nss"' EXIT
certutil -N -d "sql:$nss" --empty-password
certutil -A -d "sql:$nss" -n root -t "CT,C,C" -i "$demo/roots.pem"
for file in "$demo"/*/agreement.pdf "$demo"/*/session_record.pdf "$demo"/*/ruling.pdf; do
  report=$(pdfsig -nssdir "sql:$nss" "$file" 2>/dev/null)
  signatures=$(grep -c 'Signature Type: ETSI.CAdES.detached' <<<"$report")
  valid=$(grep -c 'Signature Validation: Signature is Valid.' <<<"$report")
  trusted=$(grep -c 'Certificate Validation: Certificate is Trusted.' <<<"$report")
  echo "$file: $signatures signatures, $valid valid, $trusted trusted"
  [ "$signatures" -gt 1 ] && [ "$valid" = "$signatures" ] && [ "$trusted" = "$signatures" ] || { echo "$report"; exit 1; }
  .venv/bin/comity verify "$file" --roots "$demo/roots.pem"
done
