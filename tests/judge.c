/* Asks the loader of this Windows, one fresh process for each job.
 *
 *     judge.exe plan FILE
 *
 * FILE is UTF-8 text. Its first line is `children N`, its second `limit MILLISECONDS`.
 * Jobs follow, an empty line before each; the lines of a job are calls, made in their
 * order in one process of its own:
 *
 *     folder PATH         AddDllDirectory
 *     directory PATH      SetDllDirectory
 *     current PATH        SetCurrentDirectory
 *     path TEXT           the environment variable PATH
 *     load FLAGS NAME     LoadLibraryEx, the flags in hexadecimal
 *
 * What comes out, job by job as they end, in UTF-8: `job N`, counted from 0; each call's
 * first word with its error code, 0 for success; `module PATH` for each module that is
 * then loaded, in load order; `done` after the last of them; and last `exit CODE`, or
 * `hung` for a process that had to be ended, or `refused CODE` for one that did not
 * start. Without `done` the process ended before it could say more.
 *
 * There is no C runtime in it: what a process has loaded answers for later loads, so
 * that a job must start with as little as Windows allows.
 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <psapi.h>

#define MOST_CHILDREN 8
#define MOST_MODULES 4096
#define LONGEST 32768

struct page {
    volatile DWORD written;
    char plan[256 * 1024];
    char result[1792 * 1024];
};

struct child {
    struct page *page;
    WCHAR page_name[64];
    HANDLE process;
    DWORD job;
    DWORD started;
};

static struct child children[MOST_CHILDREN];
static WCHAR wide[LONGEST];
static char narrow[3 * LONGEST];
static HMODULE modules[MOST_MODULES];

static BOOL same(const char *a, const char *b)
{
    while (*a && *a == *b) a++, b++;
    return *a == *b;
}

static char *number(DWORD value, char *end)
{
    *end = 0;
    do *--end = '0' + value % 10; while (value /= 10);
    return end;
}

static DWORD parsed(const char *text, DWORD base)
{
    DWORD value = 0;
    for (; *text && *text != ' '; text++)
        value = value * base + (*text <= '9' ? *text - '0' : (*text | 32) - 'a' + 10);
    return value;
}

/* Cuts a text at the first separator; returns what follows it, the end if nothing. */
static char *cut(char *text, char separator)
{
    while (*text && *text != separator) text++;
    if (*text) *text++ = 0;
    return text;
}

/* The process that does a job. */

static void say(struct page *page, const char *word, const char *value)
{
    const char *parts[] = {word, value ? " " : "", value ? value : "", "\n"};
    DWORD at = page->written;
    for (int i = 0; i < 4; i++)
        for (const char *from = parts[i]; *from; from++)
            if (at < sizeof page->result) page->result[at++] = *from;
    /* Only now: a process that ends in between has said whole lines. */
    page->written = at;
}

static DWORD call(const char *word, char *value)
{
    BOOL is_load = same(word, "load"), done = FALSE;
    DWORD flags = is_load ? parsed(value, 16) : 0;
    if (is_load) value = cut(value, ' ');
    if (!MultiByteToWideChar(CP_UTF8, 0, value, -1, wide, LONGEST)) return GetLastError();
    SetLastError(ERROR_INVALID_FUNCTION);
    if (is_load) done = LoadLibraryExW(wide, NULL, flags) != NULL;
    else if (same(word, "folder")) done = AddDllDirectory(wide) != NULL;
    else if (same(word, "directory")) done = SetDllDirectoryW(wide);
    else if (same(word, "current")) done = SetCurrentDirectoryW(wide);
    else if (same(word, "path")) done = SetEnvironmentVariableW(L"PATH", wide);
    return done ? 0 : GetLastError();
}

/* Wine would start a debugger, which waits for someone to press a button. */
static LONG WINAPI end_with_code(EXCEPTION_POINTERS *raised)
{
    TerminateProcess(GetCurrentProcess(), raised->ExceptionRecord->ExceptionCode);
    return EXCEPTION_EXECUTE_HANDLER;
}

static DWORD do_job(const WCHAR *page_name)
{
    char digits[16];
    DWORD size = 0;
    HANDLE section = OpenFileMappingW(FILE_MAP_WRITE, FALSE, page_name);
    struct page *page = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    if (!page) return GetLastError();
    SetUnhandledExceptionFilter(end_with_code);
    for (char *line = page->plan, *next; *line; line = next) {
        next = cut(line, '\n');
        char *value = cut(line, ' ');
        say(page, line, number(call(line, value), digits + 15));
    }
    K32EnumProcessModules(GetCurrentProcess(), modules, sizeof modules, &size);
    for (DWORD i = 0; i < size / sizeof *modules && i < MOST_MODULES; i++) {
        GetModuleFileNameW(modules[i], wide, LONGEST);
        WideCharToMultiByte(CP_UTF8, 0, wide, -1, narrow, sizeof narrow, NULL, NULL);
        say(page, "module", narrow);
    }
    say(page, "done", NULL);
    return 0;
}

/* The process that has the jobs done. */

static void print(const char *text, DWORD size)
{
    HANDLE out = GetStdHandle(STD_OUTPUT_HANDLE);
    for (DWORD written; size; text += written, size -= written)
        if (!WriteFile(out, text, size, &written, NULL)) ExitProcess(GetLastError());
}

static void print_text(const char *text)
{
    print(text, lstrlenA(text));
}

static void print_line(const char *word, DWORD value)
{
    char digits[16];
    print_text(word);
    print_text(number(value, digits + 15));
    print_text("\n");
}

static char *contents(const WCHAR *file)
{
    DWORD size = 0;
    HANDLE from = CreateFileW(file, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
    if (from == INVALID_HANDLE_VALUE) ExitProcess(GetLastError());
    DWORD most = GetFileSize(from, NULL);
    char *text = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, most + 1);
    if (!text || !ReadFile(from, text, most, &size, NULL)) ExitProcess(GetLastError());
    return text;
}

static void make_page(struct child *child, DWORD index)
{
    static const WCHAR prefix[] = L"dllguard-judge-0-";
    char digits[16], *from = number(GetCurrentProcessId(), digits + 15);
    lstrcpyW(child->page_name, prefix);
    child->page_name[sizeof prefix / sizeof *prefix - 3] += index;
    MultiByteToWideChar(CP_UTF8, 0, from, -1, child->page_name + lstrlenW(prefix), 16);
    HANDLE section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0,
                                        sizeof *child->page, child->page_name);
    child->page = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    if (!child->page) ExitProcess(GetLastError());
}

static void start(struct child *child, DWORD job, const char *plan)
{
    static WCHAR program[LONGEST], command[128];
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION started;
    if (lstrlenA(plan) >= (int)sizeof child->page->plan) ExitProcess(ERROR_BAD_LENGTH);
    lstrcpyA(child->page->plan, plan);
    child->page->written = 0;
    child->job = job;
    child->started = GetTickCount();
    lstrcpyW(command, L"judge.exe job ");
    lstrcatW(command, child->page_name);
    GetModuleFileNameW(NULL, program, LONGEST);
    /* Without a console: to make one takes longer than the job. */
    if (CreateProcessW(program, command, NULL, NULL, FALSE, DETACHED_PROCESS, NULL, NULL,
                       &startup, &started)) {
        CloseHandle(started.hThread);
        child->process = started.hProcess;
    } else {
        DWORD code = GetLastError();
        print_line("job ", job);
        print_line("refused ", code);
    }
}

static void finish(struct child *child, BOOL hung)
{
    DWORD code = 0;
    if (hung) {
        TerminateProcess(child->process, WAIT_TIMEOUT);
        WaitForSingleObject(child->process, INFINITE);
    }
    GetExitCodeProcess(child->process, &code);
    CloseHandle(child->process);
    child->process = NULL;
    print_line("job ", child->job);
    print(child->page->result, child->page->written);
    if (hung) print_text("hung\n");
    else print_line("exit ", code);
}

static void wait_for_one(DWORD count, DWORD limit)
{
    HANDLE running[MOST_CHILDREN];
    DWORD size = 0, left = limit;
    for (DWORD i = 0; i < count; i++) {
        if (!children[i].process) continue;
        DWORD age = GetTickCount() - children[i].started;
        if (age >= limit) left = 0;
        else if (limit - age < left) left = limit - age;
        running[size++] = children[i].process;
    }
    if (!size) return;
    WaitForMultipleObjects(size, running, FALSE, left);
    for (DWORD i = 0; i < count; i++) {
        if (!children[i].process) continue;
        if (WaitForSingleObject(children[i].process, 0) == WAIT_OBJECT_0)
            finish(&children[i], FALSE);
        else if (GetTickCount() - children[i].started >= limit)
            finish(&children[i], TRUE);
    }
}

/* Cuts a plan after its first job; returns the rest, from the empty line on. */
static char *cut_job(char *plan)
{
    while (*plan && !(plan[0] == '\n' && plan[1] == '\n')) plan++;
    if (*plan) *plan++ = 0;
    return plan;
}

static void follow(char *plan)
{
    char *second = cut(plan, '\n'), *jobs = cut(second, '\n');
    DWORD count = parsed(plan + sizeof "children", 10), job = 0, running;
    DWORD limit = parsed(second + sizeof "limit", 10);
    if (!count || count > MOST_CHILDREN) ExitProcess(ERROR_INVALID_PARAMETER);
    for (DWORD i = 0; i < count; i++) make_page(&children[i], i);
    do {
        running = 0;
        for (DWORD i = 0; i < count; i++) {
            while (*jobs && !children[i].process) {
                char *one = jobs + 1;
                jobs = cut_job(one);
                start(&children[i], job++, one);
            }
            running += children[i].process != NULL;
        }
        wait_for_one(count, limit);
    } while (running);
}

/* The next word of the command line, with or without quotes; cuts it off. */
static WCHAR *word(WCHAR **line)
{
    while (**line == ' ') ++*line;
    WCHAR end = **line == '"' ? '"' : ' ', *first = *line += end == '"';
    while (**line && **line != end) ++*line;
    if (**line) *(*line)++ = 0;
    return first;
}

void begin(void)
{
    WCHAR *line = GetCommandLineW();
    word(&line);
    WCHAR *task = word(&line), *name = word(&line);
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    if (!lstrcmpW(task, L"job"))
        /* Not ExitProcess: what the modules do when they are let go is not asked. */
        TerminateProcess(GetCurrentProcess(), do_job(name));
    if (!lstrcmpW(task, L"plan")) {
        follow(contents(name));
        ExitProcess(0);
    }
    ExitProcess(ERROR_BAD_ARGUMENTS);
}
