/** What commands say before they build the playground's page. */

export function sayThatThePageIsBuilt(): void {
  process.stderr.write("The playground's page is not built yet: building it, once, takes some seconds.\n");
}
