# What is ready, what is held and what failed, each with its reason; events end
# here, what nobody knows passes.
. "$top/tests/cli/cdp-emit/lib.inc"
yes='{"Marketing":true}'
{
	activation email send hi '{"name":"Tênis <x> & \"y\"","price":19.9}' "$yes"
	activation email send hi '{"name":null,"price":1}' "$yes"
	activation email send hi '{"name":"x"}' '{"Marketing":false}'
	activation email send hi '{"name":"x"}' '{"Marketing":"conflict"}'
	activation email send hi '{"name":"x"}'
	activation sms send sms '{"name":"x"}' "$yes"
	activation ads add '' '{}' "$yes"
	activation ads remove '' '{}' "$yes"
	activation archive send sms '{"name":"x"}'
	n=10
	echo '{"type":"track","event":"A","cdp":{"o":"main.journey","n":10}}'
	echo '{"type":"clock","now":"2026-01-01T00:00:00.000Z","cdp":{"o":"main.journey","n":11}}'
	echo '{"ours":false}'
	end
} | cdp-emit | sed 's/"timestamp":"[^"]*",//; s/"journey":"j","step":"s","instance":"ins_1",//'
