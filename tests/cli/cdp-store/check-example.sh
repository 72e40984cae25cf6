# The example is in order, and found from below its directory.
cdp-store -C "$top/share/examples/loja" check | sed 's/:.*:/:/'
cd "$top/share/examples/loja/journeys" && cdp-store check | sed 's/:.*:/:/'
