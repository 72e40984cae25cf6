# The demo, word for word.
sh "$top/share/examples/loja/demo.sh"
