# ruff: noqa: E501, ISC004, RUF001  words of many alphabets, a row each
"""Windows' own words for the errors of a failed load, by display language. Data only.

Read 2026-11, word for word, in the thread that is named; where it is `LOGS`, in logs
and traceback texts of several public repositories; where it is `MICROSOFT`, in
"System Error Codes" (Microsoft) of that language; `REACTOS` is the table of ReactOS,
dll/win32/kernel32, whose words for the codes that could be compared are Windows' own.
`%1` stands for a name that Windows may fill in, and Python does not.
"""

from __future__ import annotations

from typing import Final

LOGS: Final = "logs of public repositories"
MICROSOFT: Final = "System Error Codes (Microsoft)"
REACTOS: Final = "ReactOS, dll/win32/kernel32"

LANGUAGES: Final = {
    "cs": "Czech",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "hu": "Hungarian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "zh-CN": "Chinese",
    "zh-TW": "Chinese (traditional)",
}

# fmt: off
WORDS: Final[tuple[tuple[int, str, str, str], ...]] = (
    # Access denied.
    (5, "en", "Access is denied", "python-zeroconf/python-zeroconf#1791"),
    (5, "zh-CN", "拒绝访问", "babysor/MockingBird#486"),
    (5, "zh-TW", "存取被拒", LOGS),
    (5, "ja", "アクセスが拒否されました", LOGS),
    (5, "ko", "액세스가 거부되었습니다", LOGS),
    (5, "ru", "Отказано в доступе", LOGS),
    (5, "de", "Zugriff verweigert", LOGS),
    (5, "fr", "Accès refusé", LOGS),
    (5, "es", "Acceso denegado", LOGS),
    (5, "pt", "Acesso negado", LOGS),
    (5, "it", "Accesso negato", LOGS),
    # Memory.
    (8, "en", "Not enough memory resources are available to process this command",
        MICROSOFT),
    (8, "en", "Not enough storage is available to process this command", MICROSOFT),
    (8, "en", "not enough memory", "krishnaik06/mlproject#24"),
    (14, "en", "Not enough memory resources are available to complete this operation",
        MICROSOFT),
    # A module that was not found.
    (126, "en", "The specified module could not be found", "pytorch/pytorch#131662"),
    (126, "zh-CN", "找不到指定的模块", "numpy/numpy#17648"),
    (126, "zh-TW", "找不到指定的模組", "mvdctop/Movie_Data_Capture#542"),
    (126, "ja", "指定されたモジュールが見つかりません", "studio-ousia/mojimoji#17"),
    (126, "ko", "지정된 모듈을 찾을 수 없습니다", "tin2tin/Pallaidium#40"),
    (126, "ru", "Не найден указанный модуль", "SunOner/sunone_aimbot#66"),
    (126, "de", "Das angegebene Modul wurde nicht gefunden", LOGS),
    (126, "fr", "Le module spécifié est introuvable", "gfjiangly/cvtools#4"),
    (126, "es", "No se puede encontrar el módulo especificado", LOGS),
    (126, "pt", "Não foi possível encontrar o módulo especificado", LOGS),
    (126, "it", "Impossibile trovare il modulo specificato", "priyankshah7/hypers#85"),
    (126, "pl", "Nie można odnaleźć określonego modułu", LOGS),
    (126, "nl", "Kan opgegeven module niet vinden", LOGS),
    (126, "tr", "Belirtilen modül bulunamadı", "PFCCLab/PPOCRLabel#24"),
    (126, "cs", "Uvedený modul nebyl nalezen", LOGS),
    (126, "sv", "Det går inte att hitta den angivna modulen", LOGS),
    (126, "hu", "A megadott modul nem található", LOGS),
    (126, "ro", "Modulul specificat nu a fost găsit", REACTOS),
    # A procedure that was not found. The two Chinese share their words.
    (127, "en", "The specified procedure could not be found",
        "facebookresearch/pytorch3d#1872"),
    (127, "zh-CN", "找不到指定的程序", "h5py/h5py#2303"),
    (127, "ja", "指定されたプロシージャが見つかりません", LOGS),
    (127, "ko", "지정된 프로시저를 찾을 수 없습니다", LOGS),
    (127, "ru", "Не найдена указанная процедура", "Comfy-Org/ComfyUI#14158"),
    (127, "de", "Die angegebene Prozedur wurde nicht gefunden", LOGS),
    (127, "fr", "La procédure spécifiée est introuvable", LOGS),
    (127, "es", "No se encontró el proceso especificado", "zeromq/pyzmq#521"),
    (127, "pt", "Não foi possível encontrar o procedimento especificado", LOGS),
    (127, "it", "Impossibile trovare la procedura specificata", LOGS),
    (127, "pl", "Nie można odnaleźć określonej procedury", REACTOS),
    (127, "tr", "Belirtilen yordam bulunamadı", LOGS),
    (127, "el", "Δεν ήταν δυνατό να εντοπιστεί η καθορισμένη διαδικασία", LOGS),
    (127, "ro", "Procedura specificată nu a fost găsită", REACTOS),
    # An invalid ordinal, in the field often another vendor's DLL.
    (182, "en", "The operating system cannot run %1",
        "ContinuumIO/anaconda-issues#13146"),
    (182, "zh-CN", "操作系统无法运行 %1", "pytorch/pytorch#31324"),
    (182, "ru", "Операционная система не может запустить %1", LOGS),
    (182, "de", "Das Betriebssystem kann %1 nicht ausführen", LOGS),
    (182, "fr", "Le système d'exploitation ne peut pas exécuter %1", LOGS),
    (182, "es", "El sistema operativo no puede ejecutar %1", LOGS),
    (182, "pt", "O sistema operacional não pode executar %1", MICROSOFT),
    # No Windows program, or one for another machine.
    (193, "en", "%1 is not a valid Win32 application", "ahupp/python-magic#109"),
    (193, "zh-CN", "%1 不是有效的 Win32 应用程序", LOGS),
    (193, "zh-TW", "%1 不是正確的 Win32 應用程式", LOGS),
    (193, "ja", "%1 は有効な Win32 アプリケーションではありません", LOGS),
    (193, "ko", "%1은(는) 올바른 Win32 응용 프로그램이 아닙니다", LOGS),
    (193, "ru", "%1 не является приложением Win32", LOGS),
    (193, "de", "%1 ist keine zulässige Win32-Anwendung", LOGS),
    (193, "fr", "%1 n'est pas une application Win32 valide", LOGS),
    (193, "es", "%1 no es una aplicación Win32 válida", LOGS),
    (193, "pt", "%1 não é um aplicativo Win32 válido", LOGS),
    (193, "it", "%1 non è un'applicazione di Win32 valida", LOGS),
    (193, "pl", "%1 nie jest prawidłową aplikacją systemu Win32", REACTOS),
    (193, "tr", "%1 geçerli bir Win32 uygulaması değil", LOGS),
    # A refusal.
    (225, "en", "Operation did not complete successfully because the file contains a "
        "virus or potentially unwanted software", LOGS),
    (577, "en", "Windows cannot verify the digital signature for this file", MICROSOFT),
    (1260, "en", "This program is blocked by group policy", MICROSOFT),
    (4551, "en", "An Application Control policy has blocked this file",
        "RVC-Project/Retrieval-based-Voice-Conversion-WebUI#2821"),
    (4551, "zh-CN", "应用程序控制策略已阻止此文件", LOGS),
    (4551, "zh-TW", "應用程式控制原則已封鎖此檔案", LOGS),
    (4551, "ja", "アプリケーション制御ポリシーによってこのファイルがブロックされました", LOGS),
    (4551, "ja", "アプリケーション制御ポリシーによってこのファイルはブロックされました", LOGS),
    (4551, "ko", "애플리케이션 제어 정책에서 이 파일을 차단했습니다", LOGS),
    (4551, "ru", "Политика управления приложениями заблокировала этот файл", LOGS),
    (4551, "de", "Eine Anwendungssteuerungsrichtlinie hat diese Datei blockiert", LOGS),
    (4551, "fr", "Une stratégie de contrôle d'application a bloqué ce fichier", LOGS),
    (4551, "es", "Una directiva de Control de aplicaciones bloqueó este archivo", LOGS),
    (4551, "pt", "Uma política de Controle de Aplicativo bloqueou este arquivo", LOGS),
    # A crash of start-up code that the loader caught.
    (998, "en", "Invalid access to memory location", LOGS),
    (998, "zh-CN", "内存位置访问无效", LOGS),
    # Start-up code that said no.
    (1114, "en", "A dynamic link library (DLL) initialization routine failed",
        "microsoft/onnxruntime#24843"),
    (1114, "zh-CN", "动态链接库(DLL)初始化例程失败", "thunlp/OpenKE#290"),
    (1114, "zh-TW", "動態連結程式庫 (DLL) 初始化例行程序失敗", "xxxxue/xDM#4"),
    (1114, "ja", "ダイナミック リンク ライブラリ (DLL) 初期化ルーチンの実行に失敗しました",
        "mattyamonaca/layerdivider#52"),
    (1114, "ko", "DLL 초기화 루틴을 실행할 수 없습니다", LOGS),
    (1114, "ru", "Произошел сбой в программе инициализации библиотеки динамической "
        "компоновки (DLL)", LOGS),
    (1114, "de", "Eine DLL-Initialisierungsroutine ist fehlgeschlagen", LOGS),
    (1114, "fr", "Une routine d'initialisation d'une bibliothèque de liens dynamiques "
        "(DLL) a échoué", "pytorch/pytorch#20408"),
    (1114, "es", "Error en una rutina de inicialización de biblioteca de vínculos "
        "dinámicos (DLL)", "AUTOMATIC1111/stable-diffusion-webui#16402"),
    (1114, "pt", "Uma rotina de inicialização da biblioteca de vínculo dinâmico (DLL) "
        "falhou", LOGS),
    (1114, "it", "Routine di inizializzazione della libreria di collegamento dinamico "
        "(DLL) non riuscita", MICROSOFT),
    # The commit limit.
    (1455, "en", "The paging file is too small for this operation to complete",
        "bmaltais/kohya_ss#449"),
    (1455, "zh-CN", "页面文件太小，无法完成操作", "zbf1991/WeCLIP#5"),
    (1455, "zh-TW", "頁面檔太小，無法完成操作", LOGS),
    (1455, "ja", "ページング ファイルが小さすぎるため、この操作を完了できません", LOGS),
    (1455, "ko", "이 작업을 완료하기 위한 페이징 파일이 너무 작습니다", LOGS),
    (1455, "ru", "Файл подкачки слишком мал для завершения операции", LOGS),
    (1455, "de", "Die Auslagerungsdatei ist zu klein, um diesen Vorgang durchzuführen",
        LOGS),
    (1455, "fr", "Le fichier de pagination est insuffisant pour terminer cette "
        "opération", LOGS),
    (1455, "es", "El archivo de paginación es demasiado pequeño para completar la "
        "operación", LOGS),
    (1455, "pt", "O arquivo de paginação é muito pequeno para que esta operação seja "
        "concluída", LOGS),
    (1455, "pl", "Plik stronicowania jest za mały", LOGS),
    # A manifest.
    (14001, "en", "The application has failed to start because its side-by-side "
        "configuration is incorrect", "arvidn/libtorrent#7920"),
    (14001, "zh-CN", "应用程序无法启动，因为应用程序的并行配置不正确", LOGS),
    (14001, "ru", "параллельная конфигурация неправильна", LOGS),
    (14001, "de", "da die Side-by-Side-Konfiguration ungültig ist", LOGS),
    (14001, "fr", "sa configuration côte à côte est incorrecte", MICROSOFT),
)
"""Code, language, words, source. A part of the sentence is enough where it is plain."""

MISSING: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("en", "was not found", r"because {file} was not found", LOGS),
    ("en", "is missing from your", r"{file} is missing from your computer", MICROSOFT),
    ("de", "nicht gefunden wurde", r"da {file} nicht gefunden wurde", LOGS),
    ("fr", "est manquant sur", r"{file} est manquant sur votre ordinateur", LOGS),
    ("es", "encontró", r"porque no se encontró {file}", LOGS),
    ("ru", "система не обнаружила", r"поскольку система не обнаружила {file}", LOGS),
    ("ru", "на компьютере отсутствует", r"на компьютере отсутствует {file}", LOGS),
    ("zh-CN", "由于找不到", r"由于找不到 ?{file}", LOGS),
    ("zh-CN", "计算机中丢失", r"计算机中丢失 ?{file}", LOGS),
    ("ja", "が見つからないため", r"{file} ?が見つからないため、コードの実行を続行できません", LOGS),
    ("ko", "코드 실행을 진행할", r"{file} ?이\(가\) 없어 코드 실행을 진행할 수 없습니다", LOGS),
)
"""Language, fixed words, pattern and source of the pop-up that names a DLL which is not
there."""

ENTRY_POINT: Final[tuple[tuple[str, str, str, str], ...]] = (
    ("en", "procedure entry point",
        r"procedure entry point {symbol} could not be located in the dynamic link "
        r"library {file}", "eriklindernoren/PyTorch-YOLOv3#514"),
    ("en", "The ordinal ",
        r"The ordinal {symbol} could not be located in the dynamic link library "
        r"{file}", "pytorch/pytorch#44549"),
    ("de", "Prozedureinsprungpunkt",
        r"Prozedureinsprungpunkt {symbol} wurde in der DLL {file}", LOGS),
    ("fr", "point d'entrée de procédure",
        r"point d'entrée de procédure {symbol} est introuvable dans la "
        r"bibliothèque de liens dynamiques {file}", LOGS),
    ("es", "punto de entrada del procedimiento",
        r"punto de entrada del procedimiento {symbol} en la biblioteca"
        r"(?: de vínculos dinámicos)? {file}", LOGS),
    ("ru", "Точка входа в процедуру",
        r"Точка входа в процедуру {symbol} не найдена в библиотеке DLL {file}", LOGS),
    ("zh-CN", "无法定位程序输入点",
        r"无法定位程序输入点 ?{symbol} ?于动态链接库 ?{file}", LOGS),
    ("ja", "プロシージャ エントリ ポイント",
        r"プロシージャ エントリ ポイント {symbol} ?がダイナミック リンク ライブラリ ?{file}",
        LOGS),
)
"""The same of the pop-up about a function which a DLL lacks. Of the file that it names,
Windows 7 shows the bare name of the DLL that lacks the function (ilastik/ilastik#2175);
later ones show the full path of the file that asks for it (the first two sources)."""
# fmt: on
