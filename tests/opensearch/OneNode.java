import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.opensearch.Version;
import org.opensearch.common.logging.LogConfigurator;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/**
 * One OpenSearch node (2.x or 3.x) with its modules on the class path: OneNode HOME PLUGIN[,PLUGIN...] [setting=value ...].
 * For tests on loopback only. It lives as long as its standard input: when that ends, by will or because the process that
 * started the node is no more, the node closes and removes HOME. SIGTERM closes it, too, and leaves HOME.
 */
public final class OneNode {
    /** The classes of a plugin: the one that is there counts. They have other names in each major version. */
    private static final Map<String, List<String>> PLUGINS = Map.of(
        "transport-netty4", List.of("org.opensearch.transport.Netty4Plugin", "org.opensearch.transport.netty4.Netty4ModulePlugin",
            "org.opensearch.transport.Netty4ModulePlugin"),
        "analysis-common", List.of("org.opensearch.analysis.common.CommonAnalysisPlugin",
            "org.opensearch.analysis.common.CommonAnalysisModulePlugin"),
        "lang-painless", List.of("org.opensearch.painless.PainlessPlugin", "org.opensearch.painless.PainlessModulePlugin"),
        "reindex", List.of("org.opensearch.index.reindex.ReindexPlugin", "org.opensearch.index.reindex.ReindexModulePlugin"));

    private static volatile Node node;
    private static volatile boolean last;

    public static void main(String[] args) throws Exception {
        Path home = Paths.get(args[0]).toAbsolutePath();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(home)));
        daemon(OneNode::exitAtEndOfInput);
        Settings.Builder settings = Settings.builder().put("path.home", home.toString());
        for (int i = 2; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            if (pair[1].startsWith("[")) settings.putList(pair[0], pair[1].substring(1, pair[1].length() - 1).split(","));
            else settings.put(pair[0], pair[1]);
        }
        Path config = Files.createDirectories(home.resolve("config"));
        Environment environment = InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), config, () -> "node");
        LogConfigurator.configure(environment);
        node = made(environment, args[1].split(","));
        node.start();
        new CountDownLatch(1).await();
    }

    /** By the constructor that the server's own tests use: Node(Environment, Collection of Class or of PluginInfo, boolean). */
    private static Node made(Environment environment, String[] names) throws Exception {
        Constructor<?> constructor = null;
        for (Constructor<?> each : Node.class.getDeclaredConstructors()) if (each.getParameterCount() == 3) constructor = each;
        constructor.setAccessible(true);
        boolean infos = constructor.getGenericParameterTypes()[1].getTypeName().contains("PluginInfo");
        List<Object> plugins = new ArrayList<>();
        for (String name : names) plugins.add(plugin(name, infos));
        return (Node) constructor.newInstance(environment, plugins, true);
    }

    private static Object plugin(String name, boolean info) {
        for (String each : PLUGINS.get(name)) {
            try {
                Class<?> found = Class.forName(each);
                if (!info) return found;
                return new PluginInfo(each, "on the class path", "NA", Version.CURRENT, "1.8", each, null, List.of(), false);
            } catch (ClassNotFoundException absent) {
                // The name it has in another version.
            }
        }
        throw new IllegalArgumentException("no plugin " + name + " on the class path");
    }

    private static void exitAtEndOfInput() {
        try {
            while (System.in.read() >= 0) { }
        } catch (IOException broken) {
            // An end, too.
        }
        last = true;
        System.exit(0);
    }

    private static void close(Path home) {
        daemon(() -> {
            try {
                Thread.sleep(20_000);
            } catch (InterruptedException early) {
                return;
            }
            Runtime.getRuntime().halt(1); // A node that is still starting may not close.
        });
        try {
            if (node != null) node.close();
        } catch (Exception e) {
            e.printStackTrace();
        }
        if (last) remove(home);
    }

    private static void remove(Path home) {
        try (Stream<Path> all = Files.walk(home)) {
            for (Path each : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) Files.deleteIfExists(each);
            Files.deleteIfExists(home.getParent()); // Refused while another node has its home there.
        } catch (IOException | RuntimeException kept) {
            // Whoever started the node removes it, too.
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
    }
}
