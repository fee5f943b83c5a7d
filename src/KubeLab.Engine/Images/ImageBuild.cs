using System.Globalization;
using System.Text.RegularExpressions;
using KubeLab.Engine.Docker;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Images;

/// <summary>Builds a folder's Dockerfile with the user's own docker.</summary>
internal static partial class ImageBuild
{
    private const int Tail = 30;

    /// <summary>Builds the image kubelab/NAME:latest.</summary>
    /// <returns>The image's name.</returns>
    /// <exception cref="KlException">DockerfileNotFound, ImageBuildFailed, and what docker throws.</exception>
    public static async Task<string> RunAsync(IDocker docker, string folder, string name, IProgress<LabEvent> events, CancellationToken stop)
    {
        if (!File.Exists(Path.Combine(folder, "Dockerfile")))
            throw new KlException(ErrorIds.DockerfileNotFound, KlErrorKind.NotFound, folder,
                Directory.Exists(folder) ? $"There is no Dockerfile in {folder}." : $"There is no folder {folder}.", "Name a folder that holds a Dockerfile.");
        var image = $"kubelab/{name}:latest";
        var said = new Queue<string>();
        events.Step(name, "build");
        var result = await docker.RunAsync(new("build", "--force-rm", "--label", "org.kubelab=image", "--tag", image, folder)
        {
            Line = coloured =>
            {
                // The classic builder colours each piece of what a step writes to its error stream.
                var line = Colour().Replace(coloured, "");
                lock (said)
                {
                    said.Enqueue(line);
                    if (said.Count > Tail)
                        said.Dequeue();
                }
                Show(name, line, events);
            },
        }, stop);
        return result.ExitCode == 0 ? image : throw new KlException(ErrorIds.ImageBuildFailed, KlErrorKind.Failed, folder,
            $"docker build of {folder} ended with exit code {result.ExitCode}:\n{string.Join('\n', said)}", "Correct the Dockerfile and run it again; the steps before it are kept.");
    }

    private static void Show(string name, string line, IProgress<LabEvent> events)
    {
        if (StepLine().Match(line) is { Success: true } step)
            events.Step(name, $"build: {step.Groups["what"].Value}",
                100 * (int.Parse(step.Groups["at"].Value, CultureInfo.InvariantCulture) - 1) / Math.Max(1, int.Parse(step.Groups["of"].Value, CultureInfo.InvariantCulture)));
        else if (line.Trim().Length > 0)
            events.Detail(name, line);
    }

    // Select Graphic Rendition: ECMA-48, 8.3.117.
    [GeneratedRegex(@"\e\[[0-9;]*m")]
    private static partial Regex Colour();

    // "Step 2/5 : RUN make" of the classic builder; "#6 [2/5] RUN make" or "#6 [stage 2/5] RUN make" of BuildKit.
    [GeneratedRegex(@"^(Step (?<at>\d{1,4})/(?<of>\d{1,4}) : |#\d+ \[(\S+ +)?(?<at>\d{1,4})/(?<of>\d{1,4})\] )(?<what>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex StepLine();
}
