# What is no YAML of ours is refused where it stands.
one() {
	printf "$1" >cdp.yaml
	cdp-store check
}
one 'a: 1\na: 2\n'
one 'traits: {x: [1, 2}\n'
one 'traits:\n\tx: 1\n'
one 'project: {name: !!str loja}\n'
one 'vars: &v {a: 1}\nproject: {<<: *v}\n'
one 'project: {name: *nobody}\n'
one 'version: 1\n---\nversion: 1\n'
one 'project: {name: "\033[31mloja\\x1b", nmae: 1}\n'
one 'project: {name: \377}\n'
one ''
