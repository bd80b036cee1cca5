package io.barnabas.protocol.generator;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.annotation.processing.SupportedAnnotationTypes;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.TypeElement;
import javax.tools.Diagnostic;

/** Writes all codecs, and the enum of APIs, in the first round of a compilation of {@code wire-protocol}. */
@SupportedAnnotationTypes("*")
public final class CodecProcessor extends AbstractProcessor {
    private boolean done;

    @Override
    public SourceVersion getSupportedSourceVersion() {
        return SourceVersion.latest();
    }

    @Override
    public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
        var elements = processingEnv.getElementUtils();
        boolean ours = elements.getTypeElement("io.barnabas.protocol.wire.WireReader") != null;
        boolean generated = elements.getTypeElement("io.barnabas.protocol.ApiKey") != null;
        if (!done && ours && !generated) {
            done = true;
            try {
                generate();
            } catch (IOException e) {
                processingEnv
                        .getMessager()
                        .printMessage(Diagnostic.Kind.ERROR, "Codecs cannot be generated: " + e.getMessage());
            }
        }
        return false;
    }

    private void generate() throws IOException {
        List<Schemas.Message> apis = new ArrayList<>();
        for (var jar : SchemaJar.ALL) {
            for (var message : jar.messages(CodecProcessor.class.getClassLoader())) {
                if (message.type().equals("request") || message.type().equals("response")) {
                    apis.add(message);
                }
                if (!message.versions().isEmpty()) {
                    write(
                            jar.javaPackage() + "." + message.name(),
                            new MessageEmitter(jar.javaPackage(), message).source());
                }
            }
        }
        write("io.barnabas.protocol.ApiKey", new ApiKeyEmitter(apis).source());
    }

    private void write(String className, String source) throws IOException {
        try (var out = processingEnv.getFiler().createSourceFile(className).openWriter()) {
            out.write(source);
        }
    }
}
