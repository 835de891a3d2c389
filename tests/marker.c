/* A DLL that leaves a file behind wherever its start-up code runs. */
#include <windows.h>

BOOL WINAPI begin(HINSTANCE self, DWORD reason, LPVOID reserved) {
    (void)self, (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        HANDLE file = CreateFileA("C:\\marker", GENERIC_WRITE, 0, NULL,
                                  CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
        if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
    }
    return TRUE;
}

__declspec(dllexport) void *PyInit__core(void) { return NULL; }
__declspec(dllexport) void mark(void) {}
