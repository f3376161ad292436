// # A script
//
// Its comments are prose.
const a = "// not this";

/* And this. */
let b = `x`;
