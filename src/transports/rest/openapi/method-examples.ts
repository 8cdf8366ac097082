/** Requests that work as they stand, by method: what a page would make up from a schema seldom does. */
export const methodExamples: Readonly<Record<string, object>> = {
  '/beep.python.v1.ExecuteService/CreateSession': { spec: { labels: { for: 'report' } } },
  '/beep.python.v1.ExecuteService/ListSessions': { pageSize: 10 },
  '/beep.python.v1.ExecuteService/RenewSession': { idleTimeout: '3600s' },
  '/beep.python.v1.ExecuteService/Run': { code: 'print("hello")\n1 + 1', executionId: 'report-7' },
  '/beep.python.v1.ExecuteService/GetExecution': { executionId: 'report-7', wait: '10s' },
  '/beep.python.v1.ExecuteService/ListExecutions': { pageSize: 10 },
  '/beep.python.v1.ExecuteService/SendInput': { executionId: 'question-1', input: { data: 'QW5uCg==' } },
  '/beep.python.v1.ExecuteService/Interrupt': { grace: '2s' },
  '/beep.python.v1.ExecuteService/Complete': { code: 'pri', cursor: 3 },
  '/beep.python.v1.ExecuteService/CheckComplete': { code: 'for i in range(3):' },
  '/beep.python.v1.ExecuteService/Inspect': { code: 'print', cursor: 5 },
  '/beep.python.v1.ObjectService/Apply': {
    operations: [
      {
        target: { module: 'math' },
        path: ['hypot'],
        call: { args: [{ value: { integer: '3' } }, { value: { integer: '4' } }] },
      },
    ],
  },
  '/beep.python.v1.ObjectService/ReleaseHandles': { all: true },
};
