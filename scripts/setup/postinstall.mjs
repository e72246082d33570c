/** What npm runs at the end of an installation of the clone. */

// For `npx vebi`, too, npm installs the clone, as a link in its own cache; nothing is to be set up then.
if (process.env['npm_command'] !== 'exec') {
  await import('./dependencies.mjs')
  await import('./native.mjs')
}
