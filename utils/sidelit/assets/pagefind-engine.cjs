// # The search engine
//
// Reads the pages of a site, a JSON list of `[url, html]`, and answers with the files
// that search in a browser needs, `{path: base64}`. The pages are handed over one after
// the other, so that the same site gives the same index.
const { pathToFileURL } = require("node:url");

// Pagefind brings boxes for searching with it as well; ours needs none of them.
const needed = /^(pagefind(-worker)?\.js|pagefind-entry\.json|wasm\.en\.pagefind|.*\.pf_\w+)$/;

async function main() {
  const { createIndex, close } = await import(pathToFileURL(process.argv[2]));
  const { index, errors } = await createIndex({
    forceLanguage: "en",
    keepIndexUrl: true,
    excludeSelectors: [".permalink", ".footnote-ref", '[role="doc-backlink"]'],
  });
  if (!index) throw new Error(errors.join("; "));
  for (const [url, content] of JSON.parse(await read(process.stdin))) {
    const { errors } = await index.addHTMLFile({ url, content });
    if (errors.length) throw new Error(errors.join("; "));
  }
  const { files } = await index.getFiles();
  const answer = {};
  for (const { path, content } of files) {
    if (needed.test(path)) answer[path] = Buffer.from(content).toString("base64");
  }
  process.stdout.write(JSON.stringify(answer));
  await close();
}

async function read(stream) {
  stream.setEncoding("utf8");
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

main().catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
