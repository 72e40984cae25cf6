# The help fits a terminal and names every option.
cdp-merge --help
cdp-merge -h | awk 'length > 80'
cdp-merge --help | awk 'length > 80'
