# The help fits a terminal and names every option.
cdp-ingest --help
cdp-ingest -h | awk 'length > 80'
cdp-ingest --help | awk 'length > 80'
