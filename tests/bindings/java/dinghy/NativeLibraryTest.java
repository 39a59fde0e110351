package dinghy;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

/** Where the native library comes from. */
public class NativeLibraryTest {
  @Rule public final TemporaryFolder folder = new TemporaryFolder();

  /** Prints the engine's version. */
  public static final class Main {
    public static void main(String[] arguments) {
      System.out.println(Model.engineVersion());
    }
  }

  private String java(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(Arrays.asList(options));
    command.addAll(Arrays.asList("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    InputStream from = process.getInputStream();
    for (int c = from.read(); c >= 0; c = from.read()) output.write(c);
    process.waitFor();
    return new String(output.toByteArray(), StandardCharsets.UTF_8);
  }

  private String temporary() {
    return "-Djava.io.tmpdir=" + folder.getRoot();
  }

  @Test
  public void theJarBringsItAndLeavesNothingBehind() throws Exception {
    assertEquals(Model.engineVersion() + System.lineSeparator(), java(temporary()));
    assertArrayEquals(new String[0], folder.getRoot().list());
  }

  @Test
  public void oneOnTheLibraryPathIsTakenAndNothingIsUnpacked() throws Exception {
    Path own = folder.newFolder("own").toPath();
    String name = System.mapLibraryName("dinghy_jni");
    try (InputStream library =
        Model.class.getResourceAsStream("/natives/" + NativeLibrary.platform() + "/" + name)) {
      Files.copy(library, own.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
    String path = "-Djava.library.path=" + own;
    assertEquals(Model.engineVersion() + System.lineSeparator(), java(path, "-Djava.io.tmpdir=/no such folder"));
  }

  @Test
  public void withoutAPlaceToUnpackTheMessageSaysWhatToDo() throws Exception {
    String said = java("-Djava.io.tmpdir=/no such folder");
    assertTrue(said, said.contains("cannot be unpacked into /no such folder"));
    assertTrue(said, said.contains("-Djava.library.path=FOLDER"));
  }

  @Test
  public void aPlatformWithoutALibraryIsNamed() throws Exception {
    String said = java("-Dos.arch=sparc");
    assertTrue(said, said.contains("the jar has no /natives/linux-sparc/"));
    assertFalse(said, said.contains("0.1.0"));
  }
}
