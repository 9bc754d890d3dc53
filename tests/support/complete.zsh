# What zsh makes of words and a tab, on a terminal: zsh -f complete.zsh FOLDER WORDS EXPECTED; the folder has
# the completion, and what is expected ends the waiting.
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -D -u; echo re''ady"
while [[ $before != *ready* ]]; do
    zpty -r shell line || exit 1
    before+=$line
done
zpty -w -n shell "$2"$'\t'
for i in {1..60}; do
    while zpty -r -t shell line; do after+=$line; done
    [[ $after = *$3* ]] && break
    sleep 0.05
done
print -r -- "$after"
