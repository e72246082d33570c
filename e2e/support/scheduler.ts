/** What Chromium and Electron have of Prioritized Task Scheduling. */
export interface Scheduler {
  postTask<Result>(task: () => Result, options: { readonly priority: 'user-blocking' }): Promise<Result>
}
