# Which project it is, and what to do when there is none.
mkdir -p shop/journeys
echo 'version: 1' >shop/cdp.yaml
(cd / && cdp-store check)
cdp-store -C nowhere check
cdp-store -C shop/journeys check
cdp-store -C shop/cdp.yaml check
cdp-store -C shop check
CDP_PROJECT=shop cdp-store check
CDP_PROJECT=nowhere cdp-store check
cd shop/journeys && cdp-store check
