using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>Writes measurements to a file. A reader sees the old report or the new one, never a part of one.</summary>
public sealed class ReportFile
{
    // Mode 0666, of which the umask of the process takes away: a report is not a secret.
    private const UnixFileMode Shared = (UnixFileMode)0b110_110_110;

    private readonly string _path;
    private readonly ReportOptions _options;
    private readonly ReportFormat _format;

    /// <summary>Checks the options.</summary>
    /// <param name="path">The full path of the file.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="KlException">ReportFormatUnknown, ReportThresholdMissing, ReportNotWritable.</exception>
    public ReportFile(string path, ReportOptions options)
    {
        (_path, _options) = (Target(path), options);
        _format = options.FormatOf(path);
        if (_format == ReportFormat.JUnit && options.Thresholds.IsEmpty)
            throw NoTests();
    }

    /// <summary>Checks that the file can be written, so that nothing is measured in vain. Changes nothing.</summary>
    /// <exception cref="KlException">ReportExists, ReportNotWritable.</exception>
    public void Check() => Try(() =>
    {
        if (Directory.Exists(_path) || UnixFile.Of(_path) is { IsRegular: false })
            throw new IOException("it is not a regular file.");
        var file = new FileInfo(_path);
        if (file.Exists && _options.NoClobber)
            throw Exists(null);
        if (file.Exists && file.IsReadOnly && !_options.Force)
            throw new IOException("it is read-only, and -Force was not specified.");
        if (!file.Exists || !file.IsReadOnly)
            AtomicFile.Probe(_path, TemporaryPath());
    });

    /// <summary>Writes the report. If the file cannot be written, an existing file stays unchanged and the report is saved in the folder for temporary
    /// files.</summary>
    /// <exception cref="KlException">ReportEmpty, ReportThresholdMissing, ReportExists, ReportNotWritable.</exception>
    public Task WriteAsync(IReadOnlyList<IKlMeasurement> measured, CancellationToken stop) => Task.Run(() =>
    {
        if (measured.Count == 0)
            throw new KlException(ErrorIds.ReportEmpty, KlErrorKind.InvalidData, _path, "The pipeline contained no measurement. The report was not written.",
                "Correct the errors of the measurement, then run the command again.");
        var entries = measured.Select(ReportEntry.Of).ToList();
        if (_format == ReportFormat.JUnit && !entries.SelectMany(one => one.Check(_options.Thresholds)).Any())
            throw NoTests();
        var content = Encoding.UTF8.GetBytes(Render(entries));
        try
        {
            Write(content);
        }
        catch (KlException error) when (Rescue(content) is { } saved)
        {
            throw new KlException(error.ErrorId, error.Kind, _path, error.Message,
                $"The report was saved as {saved}. Correct the problem, then move it.", error);
        }
    }, stop);

    private string TemporaryPath() => $"{_path}.{Path.GetRandomFileName()}";

    private string Render(IReadOnlyList<ReportEntry> entries) => _format switch
    {
        ReportFormat.Json => JsonReport.Render(entries, _options.Thresholds),
        ReportFormat.JUnit => JUnitReport.Render(entries, _options.Thresholds),
        _ => HtmlReport.Render(entries, _options.Thresholds),
    };

    private void Write(byte[] content) => Try(() =>
    {
        var file = new FileInfo(_path);
        if (!file.Exists || _options.NoClobber)
        {
            AtomicFile.Write(_path, content, TemporaryPath(), Shared, overwrite: !_options.NoClobber);
            return;
        }
        var isReadOnly = file.IsReadOnly && _options.Force;
        if (isReadOnly)
            file.IsReadOnly = false;
        try
        {
            AtomicFile.Rewrite(_path, content, TemporaryPath());
        }
        finally
        {
            if (isReadOnly)
                file.IsReadOnly = true;
        }
    });

    private string? Rescue(byte[] content)
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Path.GetFileNameWithoutExtension(Path.GetRandomFileName())}-{Path.GetFileName(_path)}");
        try
        {
            AtomicFile.Write(path, content, path + ".new", Shared, overwrite: false);
            return path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (_options.NoClobber && IoError.AlreadyExists(error))
        {
            throw Exists(error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritable(_path, error);
        }
    }

    // The target of a link is replaced, not the link.
    private static string Target(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.LinkTarget is null ? path : file.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        }
        catch (IOException error)
        {
            throw NotWritable(path, error);
        }
    }

    private KlException NoTests() => new(ErrorIds.ReportThresholdMissing, KlErrorKind.InvalidInput, _path,
        "A JUnit report without a threshold for its measurements would contain no tests.",
        "For availability, specify -MinimumAvailability, -MaximumOutage or -MaximumLatency. For consistency, specify -Consistent, -MaximumLost or "
            + "-MaximumStaleness.");

    private static KlException NotWritable(string path, Exception error) =>
        new(ErrorIds.ReportNotWritable, error is UnauthorizedAccessException ? KlErrorKind.Denied : KlErrorKind.Failed, path,
            $"The report {path} cannot be written: {IoError.Describe(error)}", "Correct the problem, or choose another path.", error);

    private KlException Exists(Exception? inner) => new(ErrorIds.ReportExists, KlErrorKind.Exists, _path, $"The file {_path} already exists.",
        "Choose another path, or omit -NoClobber.", inner);
}
