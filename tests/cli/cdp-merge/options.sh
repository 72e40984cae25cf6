# What cannot be read is named as it was written.
echo 'version: 1' >cdp.yaml
cdp-merge --check=1
# It is of no use to give it events, and says so.
cdp-merge --check events.ndjson
cdp-merge --end=any -xq
cdp-merge --stoe=x
cdp-merge -s
true
