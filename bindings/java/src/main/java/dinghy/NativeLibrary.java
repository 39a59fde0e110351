package dinghy;

import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;
import java.util.UUID;

/**
 * Loads the native library: from java.library.path, where Android has it and where an application may put its own;
 * else out of this jar, through a file in a folder that nobody but this user may enter.
 */
final class NativeLibrary {
  private static final String NAME = "dinghy_jni";

  private NativeLibrary() {}

  static void load() {
    try {
      System.loadLibrary(NAME);
    } catch (UnsatisfiedLinkError notOnThePath) {
      loadFromJar(notOnThePath);
    }
  }

  private static void loadFromJar(UnsatisfiedLinkError notOnThePath) {
    String resource = "/natives/" + platform() + "/" + System.mapLibraryName(NAME);
    try (InputStream library = NativeLibrary.class.getResourceAsStream(resource)) {
      if (library == null) {
        throw failure("there is none on java.library.path, and the jar has no " + resource, notOnThePath);
      }
      File folder = privateFolder();
      File file = new File(folder, System.mapLibraryName(NAME));
      try {
        copy(library, file);
        System.load(file.getPath());
      } finally {
        // A library that is loaded needs its name no more; Windows keeps it until the end.
        if (!file.delete()) file.deleteOnExit();
        if (!folder.delete()) folder.deleteOnExit();
      }
    } catch (IOException cannotWrite) {
      throw failure("it cannot be unpacked into " + System.getProperty("java.io.tmpdir"), cannotWrite);
    }
  }

  /** As the folders in the jar are called: linux-x86_64, macos-arm64, windows-x86_64. */
  static String platform() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String processor = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    if (system.startsWith("mac")) system = "macos";
    if (system.startsWith("windows")) system = "windows";
    if (processor.equals("amd64")) processor = "x86_64";
    if (processor.equals("aarch64")) processor = "arm64";
    return system + "-" + processor;
  }

  /** mkdir() fails where somebody was first; the file in it is made only where there is none. */
  private static File privateFolder() throws IOException {
    File folder = new File(System.getProperty("java.io.tmpdir"), "dinghy-" + UUID.randomUUID());
    if (!folder.mkdir()) throw new IOException(folder + " cannot be made");
    folder.setReadable(false, false);
    folder.setWritable(false, false);
    folder.setExecutable(false, false);
    if (!folder.setReadable(true, true) || !folder.setWritable(true, true) || !folder.setExecutable(true, true)) {
      throw new IOException(folder + " cannot be made this user's alone");
    }
    return folder;
  }

  private static void copy(InputStream from, File to) throws IOException {
    if (!to.createNewFile()) throw new IOException(to + " is there already");
    try (OutputStream out = new FileOutputStream(to)) {
      byte[] block = new byte[1 << 16];
      for (int size = from.read(block); size >= 0; size = from.read(block)) out.write(block, 0, size);
    }
  }

  private static UnsatisfiedLinkError failure(String what, Throwable cause) {
    UnsatisfiedLinkError error =
        new UnsatisfiedLinkError(
            "the native library of Dinghy: "
                + what
                + "; put "
                + System.mapLibraryName(NAME)
                + " into a folder and start Java with -Djava.library.path=FOLDER");
    error.initCause(cause);
    return error;
  }
}
