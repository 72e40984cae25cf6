# Files that a pattern may name: none is a remark, but if nobody could look, the
# project is not read.
echo 'version: 1
project: {name: t}
include: [a/*.yaml, b/*.yaml, c/*.yaml]' >cdp.yaml
mkdir a && ln -s b b
cdp-audience --check
echo "status $?"
rm b
cdp-audience --check
echo "status $?"
