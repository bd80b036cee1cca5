package io.barnabas.compat.programs;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

import org.apache.kafka.common.utils.Exit;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Runs the main method of a stock program inside the test's JVM, with standard streams of its own: what takes a second
 * or two as a process takes milliseconds here. One program at a time, since the standard streams are the JVM's.
 */
public final class InThisJvm {
    /** Held, because a logger that nobody holds forgets its level. */
    private static final List<Logger> LOGGERS =
            List.of(Logger.getLogger("org.apache.kafka"), Logger.getLogger("kafka"));

    static {
        quiet();
    }

    private InThisJvm() {}

    /** Keeps the clients' log off the test's output, and off the programs'. */
    public static void quiet() {
        LOGGERS.forEach(logger -> logger.setLevel(Level.OFF));
        // The console handler keeps the standard error it finds when it is made: not that of a program.
        Logger.getLogger("").getHandlers();
    }

    public static synchronized Outcome run(Program program, String input, String... arguments) {
        var in = System.in;
        var out = System.out;
        var err = System.err;
        var capturedOut = new ByteArrayOutputStream();
        var capturedErr = new ByteArrayOutputStream();
        List<Runnable> shutdownHooks = new ArrayList<>();
        Outcome[] atExit = new Outcome[1];
        Exit.Procedure exit = (code, message) -> {
            // What comes after would not happen in a JVM that ends here.
            if (atExit[0] == null) {
                atExit[0] = new Outcome(code, capturedOut.toString(UTF_8), capturedErr.toString(UTF_8));
            }
            throw new Exited();
        };
        Exit.setExitProcedure(exit);
        Exit.setHaltProcedure(exit);
        Exit.setShutdownHookAdder((name, hook) -> shutdownHooks.add(hook));
        System.setIn(new ByteArrayInputStream(input.getBytes(UTF_8)));
        System.setOut(new PrintStream(capturedOut, true, UTF_8));
        System.setErr(new PrintStream(capturedErr, true, UTF_8));
        try {
            callMain(program, arguments);
            shutdownHooks.forEach(Runnable::run);
        } finally {
            System.setIn(in);
            System.setOut(out);
            System.setErr(err);
            Exit.resetExitProcedure();
            Exit.resetHaltProcedure();
            Exit.resetShutdownHookAdder();
        }
        return atExit[0] != null ? atExit[0] : new Outcome(0, capturedOut.toString(UTF_8), capturedErr.toString(UTF_8));
    }

    private static void callMain(Program program, String... arguments) {
        try {
            Class.forName(program.mainClass()).getMethod("main", String[].class).invoke(null, (Object) arguments);
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof Exited)) {
                throw new IllegalStateException(program + " failed", e.getCause());
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(program + " cannot be run", e);
        }
    }

    /** The end of a program that asked for the end of the JVM; an Error, so that programs let it through. */
    private static final class Exited extends Error {
        private static final long serialVersionUID = 1L;

        Exited() {
            super("program ended", null, false, false);
        }
    }
}
