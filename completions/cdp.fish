# Completion for the cdp tools in fish.  The options are asked of the tool
# itself (--list options reads no project), names of the project it is in.

function __cdp_options
    set -l tool (commandline -opc)[1]
    $tool --list options 2>/dev/null | while read -d \t -l opt arg text
        printf '%s\t%s\n' $opt $text
    end
end

function __cdp_names
    set -l tool (commandline -opc)[1]
    switch (basename $tool)
        case cdp-audience
            $tool --list audiences 2>/dev/null
        case cdp-emit
            $tool --list destinations 2>/dev/null
        case '*'
            $tool --list journeys 2>/dev/null
    end
end

function __cdp_after
    contains -- (commandline -opc)[-1] $argv
end

for tool in cdp-ingest cdp-merge cdp-audience cdp-journey cdp-emit
    complete -c $tool -n 'string match -q -- "-*" (commandline -ct)' -a '(__cdp_options)'
    complete -c $tool -n '__cdp_after -C --project -s --store' -x -a '(__fish_complete_directories)'
    complete -c $tool -n '__cdp_after --clock' -x -a 'event wall'
    complete -c $tool -n '__cdp_after --dup' -x -a 'drop keep'
    complete -c $tool -n '__cdp_after --end' -x -a any
    complete -c $tool -n '__cdp_after --list' -x -a 'audiences destinations events groups identifiers journeys options sources templates traits'
    complete -c $tool -n '__cdp_after --only' -x -a '(__cdp_names)'
    complete -c $tool -n '__cdp_after --report' -x -a 'text json junit github'
    complete -c $tool -n '__cdp_after --sandbox' -x -a 'try require off'
    complete -c $tool -n '__cdp_after --source' -x -a '(cdp-ingest --list sources 2>/dev/null)'
    complete -c $tool -n '__cdp_after --sync' -x -a 'epoch none'
    complete -c $tool -n '__cdp_after --until' -x -a 'now end'
end

complete -c cdp-store -n __fish_use_subcommand -x -a 'get history cat log stats position verify repair init compact export import erase check'
complete -c cdp-store -n '__cdp_after cat log stats position compact repair' -x -a 'ingest merge audience journey emit'
complete -c cdp-store -n '__cdp_after export' -x -a 'user_traits user_identifiers id_graph_updates profile_merges'
complete -c cdp-store -l as-of -x -d 'get: as it was at this event time'
complete -c cdp-store -l id -x -d 'init: the name of the store'
complete -c cdp-store -l ids-older-than -x -d 'compact: forget ids so old'
complete -c cdp-store -l outputs-older-than -x -d 'compact: drop what was caused so long ago'
complete -c cdp-store -l dir -x -a '(__fish_complete_directories)' -d 'export: a file for each table there'
complete -c cdp-store -l format -x -a 'ndjson csv dump' -d 'export: the format'
complete -c cdp-store -l key-file -r -d 'erase: read IDs from a file'
complete -c cdp-store -l memory -x -a '64M 256M 1G' -d 'hold about so much in memory'
complete -c cdp-store -s C -l project -x -a '(__fish_complete_directories)' -d 'the project'
complete -c cdp-store -s s -l store -x -a '(__fish_complete_directories)' -d 'the store'
complete -c cdp-store -l help -d 'all options'
complete -c cdp-store -l version -d 'the version'
