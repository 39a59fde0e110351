#include "converter/readers/pickle/python_library.h"

#include <algorithm>
#include <array>
#include <string>

namespace dinghy::converter {
namespace {

// sys.stdlib_module_names of Python 3.11, what later versions have added, and what Python 2 had, with a space around
// each.
constexpr std::string_view kModules =
    " "
    "BaseHTTPServer Bastion CGIHTTPServer ConfigParser Cookie DocXMLRPCServer HTMLParser Queue SimpleHTTPServer "
    "SimpleXMLRPCServer SocketServer StringIO Tkinter UserDict UserList UserString __builtin__ __builtins__ _abc "
    "_aix_support _android_support _apple_support _ast _ast_unparse _asyncio _bisect _blake2 _bootsubprocess _bz2 "
    "_codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp _codecs_kr _codecs_tw _collections _collections_abc "
    "_colorize _compat_pickle _compression _contextvars _crypt _csv _ctypes _curses _curses_panel _datetime _dbm "
    "_decimal _dummy_thread _elementtree _frozen_importlib _frozen_importlib_external _functools _gdbm _hashlib "
    "_heapq _hmac _imp _interpchannels _interpqueues _interpreters _io _ios_support _json _locale _lsprof _lzma "
    "_markupbase _md5 _msi _multibytecodec _multiprocessing _opcode _opcode_metadata _operator _osx_support "
    "_overlapped _pickle _posixshmem _posixsubprocess _py_abc _py_warnings _pydecimal _pyio _pyrepl _queue "
    "_random _remote_debugging _scproxy _sha1 _sha256 _sha3 _sha512 _signal _sitebuiltins _socket _sqlite3 _sre "
    "_ssl _stat _statistics _string _strptime _struct _symtable _sysconfig _testcapi _testinternalcapi _thread "
    "_threading_local _tkinter _tokenize _tracemalloc _types _typing _uuid _warnings _weakref _weakrefset _winapi "
    "_winreg _zoneinfo _zstd abc aifc annotationlib anydbm argparse array ast asynchat asyncio asyncore atexit "
    "audioop base64 bdb binascii binhex bisect bsddb builtins bz2 cPickle cProfile cStringIO calendar ce cgi "
    "cgitb chunk cmath cmd code codecs codeop collections colorsys commands compileall compiler compression "
    "concurrent configparser contextlib contextvars cookielib copy copy_reg copyreg crypt csv ctypes curses "
    "dataclasses datetime dbhash dbm decimal difflib dircache dis distutils dl doctest dumbdbm dummy_thread "
    "dummy_threading email encodings ensurepip enum errno exceptions faulthandler fcntl filecmp fileinput fnmatch "
    "formatter fractions ftplib functools future_builtins gc genericpath getopt getpass gettext glob graphlib grp "
    "gzip hashlib heapq hmac hotshot html http httplib idlelib ihooks imaplib imghdr imp importlib imputil "
    "inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma macpath macurl2path "
    "mailbox mailcap marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt "
    "ntpath nturl2path numbers opcode operator optparse os os2 os2emxpath ossaudiodev parser pathlib pdb pickle "
    "pickletools pipes pkgutil platform plistlib popen2 poplib posix posixfile posixpath pprint profile pstats "
    "pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib resource rexec "
    "riscos riscospath rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd "
    "smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics "
    "string stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib "
    "tempfile termios textwrap this thread threading time timeit tkinter token tokenize tomllib trace traceback "
    "tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib urllib2 urlparse uu uuid venv "
    "warnings wave weakref webbrowser whichdb winreg winsound wsgiref xdrlib xml xmlrpc xmlrpclib zipapp zipfile "
    "zipimport zlib zoneinfo ";

// The containers and values of checkpoints, and what pickles make them with. None of them starts anything, whatever its
// arguments are.
constexpr auto kHarmless = std::to_array<std::string_view>({
    "_codecs.encode",
    "argparse.Namespace",
    "array.array",
    "array._array_reconstructor",
    "builtins.bool",
    "builtins.bytearray",
    "builtins.bytes",
    "builtins.complex",
    "builtins.dict",
    "builtins.float",
    "builtins.frozenset",
    "builtins.int",
    "builtins.list",
    "builtins.long",
    "builtins.object",
    "builtins.range",
    "builtins.set",
    "builtins.slice",
    "builtins.str",
    "builtins.tuple",
    "builtins.type",
    "builtins.unicode",
    "builtins.xrange",
    "collections.Counter",
    "collections.OrderedDict",
    "collections.defaultdict",
    "collections.deque",
    "copyreg.__newobj__",
    "copyreg._reconstructor",
    "datetime.date",
    "datetime.datetime",
    "datetime.time",
    "datetime.timedelta",
    "datetime.timezone",
    "decimal.Decimal",
    "fractions.Fraction",
    "functools.partial",
    "itertools.count",
    "logging.getLogger",
    "pathlib.Path",
    "pathlib.PosixPath",
    "pathlib.PurePath",
    "pathlib.PurePosixPath",
    "pathlib.PureWindowsPath",
    "pathlib.WindowsPath",
    "pathlib._local.PosixPath",
    "pathlib._local.WindowsPath",
    "re._compile",
    "types.SimpleNamespace",
    "uuid.UUID",
});

// As Python 3 calls the modules that Python 2 called otherwise.
std::string_view present_name(std::string_view module) {
  if (module == "__builtin__") return "builtins";
  return module == "copy_reg" ? "copyreg" : module;
}

bool is_module(std::string_view name) { return kModules.find(" " + std::string(name) + " ") != std::string_view::npos; }

}  // namespace

bool is_of_python_library(std::string_view module, std::string_view name) {
  if (is_module(module.substr(0, module.find('.')))) return true;
  // A name may be a path too: "os.system" of a package that imports os.
  for (std::size_t dot; (dot = name.find('.')) != std::string_view::npos; name.remove_prefix(dot + 1)) {
    if (is_module(name.substr(0, dot))) return true;
  }
  return false;
}

bool is_harmless(std::string_view module, std::string_view name) {
  return std::ranges::any_of(kHarmless, [&](std::string_view known) {
    const std::string_view of = present_name(module);
    return known.size() == of.size() + 1 + name.size() && known.starts_with(of) && known[of.size()] == '.' &&
           known.ends_with(name);
  });
}

}  // namespace dinghy::converter
