# Lets fish complete scout: save it in ~/.config/fish/completions/scout.fish
function __scout_complete
    set -l line (commandline --tokenize --current-process --cut-at-cursor)
    $line[1] __complete -- $line[2..-1] (commandline --current-token --cut-at-cursor) 2>/dev/null
end
complete --command scout --no-files --arguments '(__scout_complete)'
