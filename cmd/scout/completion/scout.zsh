#compdef scout
# Lets zsh complete scout: save it as _scout in a folder of $fpath, whose files
# zsh reads as the bodies of functions.
local -a found
found=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
# The value of a key, and what is in a folder, follows without a space.
compadd -S '' -- "${(@M)found:#*[=./]}"
compadd -- "${(@)found:#(|*[=./])}"
