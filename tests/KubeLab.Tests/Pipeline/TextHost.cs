using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace KubeLab.Tests.Pipeline;

/// <summary>A host for the PowerShell engine in this process. It writes all output to one text, 120 columns wide. It supports prompts only
/// if a test answers them.</summary>
internal sealed class TextHost(TextWriter text) : PSHost
{
    /// <summary>Answers a question by the number of a choice, or null.</summary>
    public Func<string, int>? Choose { get; set; }

    public override string Name => nameof(TextHost);

    public override Version Version { get; } = new(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => field ??= new TextUi(text, message => Choose is { } choose ? choose(message) : throw CannotPrompt());

    public override CultureInfo CurrentCulture { get; } = new English();

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    public override void SetShouldExit(int exitCode) => throw new NotSupportedException();

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt() => throw new NotSupportedException();

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    /// <summary>The formatter wraps text at words only for some language names. The invariant culture of this process has no name.</summary>
    private sealed class English() : CultureInfo("")
    {
        public override string TwoLetterISOLanguageName => "en";
    }

    private sealed class TextUi(TextWriter text, Func<string, int> choose) : PSHostUserInterface
    {
        public override PSHostRawUserInterface RawUI { get; } = new Screen();

        public override void Write(string value) => text.Write(GetOutputString(value, supportsVirtualTerminal: false));

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

        public override void WriteLine(string value) => Write(value + "\n");

        public override void WriteErrorLine(string value) => WriteLine(value);

        public override void WriteDebugLine(string message) => WriteLine("DEBUG: " + message);

        public override void WriteVerboseLine(string message) => WriteLine("VERBOSE: " + message);

        public override void WriteWarningLine(string message) => WriteLine("WARNING: " + message);

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override string ReadLine() => throw CannotPrompt();

        public override SecureString ReadLineAsSecureString() => throw CannotPrompt();

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw CannotPrompt();

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => choose(message);

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw CannotPrompt();

        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
            throw CannotPrompt();
    }

    private static HostException CannotPrompt() => new("This host does not support prompts.");

    private sealed class Screen : PSHostRawUserInterface
    {
        private static readonly Size Dimensions = new(120, 50);

        public override ConsoleColor BackgroundColor { get; set; }

        public override ConsoleColor ForegroundColor { get; set; }

        public override Size BufferSize { get; set; } = Dimensions;

        public override Coordinates CursorPosition { get; set; }

        public override int CursorSize { get; set; }

        public override bool KeyAvailable => false;

        public override Size MaxPhysicalWindowSize => Dimensions;

        public override Size MaxWindowSize => Dimensions;

        public override Coordinates WindowPosition { get; set; }

        public override Size WindowSize { get; set; } = Dimensions;

        public override string WindowTitle { get; set; } = "";

        public override void FlushInputBuffer()
        {
        }

        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
            throw new NotSupportedException();

        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw new NotSupportedException();

        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new NotSupportedException();
    }
}
