# Tests of the module in a real pwsh: Invoke-Pester tests/Pester
#Requires -Version 7.6
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $manifest = "$PSScriptRoot/../../KubeLab.psd1"
    Import-Module $manifest -Force

    function New-Record([type] $Type, [hashtable] $Value) {
        $one = $Type::new()
        foreach ($name in $Value.Keys) {
            $property = $Type.GetProperty($name)
            $is = $property.PropertyType
            if ($is.Name -like 'KlCollection*') {
                $items = [Array]::CreateInstance($is.GetGenericArguments()[0], @($Value[$name]).Count)
                for ($i = 0; $i -lt $items.Count; $i++) { $items[$i] = @($Value[$name])[$i] }
                $property.SetValue($one, $is::new($items))
            }
            else { $property.SetValue($one, $Value[$name]) }
        }
        $one
    }

    # A service and its cluster.
    function Get-Record {
        $type = (Get-Command Get-KlService).OutputType[0].Type
        $port = $type.GetProperty('Ports').PropertyType.GetGenericArguments()[0]::new('http', 80, '8080', 30080, 'TCP')
        New-Record $type @{
            Name = 'mediawiki'; Namespace = 'default'; Cluster = 'kubernetes'; Type = 'NodePort'; ClusterIP = '10.96.118.205'; NodePort = 30080
            Urls = 'http://172.19.0.3:30080/', 'http://172.19.0.4:30080/'; Addresses = '172.19.0.3:30080', '172.19.0.4:30080'; ExternalIP = @(); Ports = $port
        }
        $type = (Get-Command Get-KlCluster).OutputType[0].Type
        $machine = New-Record (Get-Command Get-KlVm).OutputType[0].Type @{ Name = 'kubernetes-1'; Lab = 'kubernetes' }
        New-Record $type @{
            Name = 'kubernetes'; Context = 'kubelab-kubernetes'; Server = 'https://172.19.0.3:6443/'; ControlPlane = $machine; Version = '1.37.1'
            ReadyNodes = 1; Problems = 'kubernetes-1 is not Ready'; Machines = $machine; ControlPlanes = $machine
        }
    }
}

Describe 'KubeLab' {
    It 'fulfills the module contract' {
        & "$PSScriptRoot/../KubeLab.Tests/Pipeline/ModuleContract.ps1" -Manifest $manifest | Should -BeNullOrEmpty
    }

    It 'shows its help' {
        $help = Get-Help New-KlVm -Full | Out-String
        $help | Should -Match 'SYNOPSIS'
        $help | Should -Match '-Count <Int32>'
        $help | Should -Match 'New-KlVm -Name'
    }

    It 'has a synopsis of one line for every cmdlet' {
        Get-Command -Module KubeLab -CommandType Cmdlet | ForEach-Object { Get-Help $_.Name } |
            Where-Object { @($_.details.description).Count -ne 1 -or $_.Synopsis -notmatch '^[A-Z].{8,98}\.$' } | ForEach-Object Name |
            Should -BeNullOrEmpty
    }

    It 'finds <expected> for the word <word>' -TestCases @(
        @{ word = 'kube'; expected = 'about_KubeLab' }
        @{ word = 'kubectl'; expected = 'about_KubeLab_kubectl' }
        @{ word = 'offline'; expected = 'about_KubeLab_Offline' }
        @{ word = 'describe pod'; expected = 'Get-KlPod' }
        @{ word = 'logs'; expected = 'Get-KlLog' }
        @{ word = 'rollback'; expected = 'Undo-KlRollout' }
        @{ word = 'images'; expected = 'Publish-KlImage' }
        @{ word = 'drain'; expected = 'Suspend-KlNode' }
        @{ word = 'kubectl run'; expected = 'New-KlDeployment' }
        @{ word = 'kubectl exec'; expected = 'Invoke-KlPodCommand' }
    ) { (Get-Help $word).Name | Should -Contain $expected }

    It 'has about topics in plain text' {
        foreach ($topic in 'about_KubeLab', 'about_KubeLab_kubectl', 'about_KubeLab_Offline') {
            $text = (Get-Help $topic) -split '\r?\n'
            $text[4] | Should -Match '^ +\S'
            $text | Should -Contain 'LONG DESCRIPTION'
            $text | Where-Object { $_ -match '`|\*\*|\]\(' } | Should -BeNullOrEmpty
        }
    }

    It 'exports flat columns' {
        $service, $cluster = Get-Record
        $row = $service | ConvertTo-Csv | ConvertFrom-Csv
        $row.Urls | Should -Be 'http://172.19.0.3:30080/, http://172.19.0.4:30080/'
        $row.Ports | Should -Be '80:30080/TCP'
        $row.PSObject.Properties.Name | Should -Not -Contain Object
        $service, $cluster | ConvertTo-Csv | Should -Not -Match 'System\.|KubeLab\.|V1'
        $json = $service | ConvertTo-Json -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        $read = $json | ConvertFrom-Json
        $read.Urls | Should -Be $service.Urls
        $read.Ports[0].NodePort | Should -Be 30080
        $read.PSObject.Properties.Name | Should -Not -Contain Object
    }

    It 'hides the complete object from exports only' {
        $service = (Get-Record)[0]
        $service | Get-Member Object | Should -BeNullOrEmpty
        $service | Get-Member Object -Force | Should -HaveCount 1
        $service.Object.GetType().Name | Should -Be V1Service
        ($service | Select-Object Name, Object).Object.GetType().Name | Should -Be V1Service
    }

    It 'shows addresses on 80 columns' {
        $service, $cluster = Get-Record
        $service | Out-String -Width 80 | Should -Match 'http://172\.19\.0\.3:30080/'
        $cluster | Out-String -Width 80 | Should -Match 'https://172\.19\.0\.3:6443/'
        $service | Format-Table -View Kubectl | Out-String -Width 80 | Should -Match '(?i)cluster-ip +external-ip'
        ($service.Urls | Out-String).Trim() -split '\r?\n' | Should -Be $service.Urls
    }

    It 'does not cut the output of commands on machines' {
        $line = (Get-Command Invoke-KlVmCommand).OutputType[0].Type::new('kubernetes-1', "$('word ' * 40)end", $false)
        ($line | Format-Table | Out-String -Width 80) -replace '\s' | Should -Match 'wordend$'
        ($line | Format-List | Out-String -Width 80) -replace '\s' | Should -Match 'wordend'
    }

    It 'creates nothing with -WhatIf' {
        New-KlVm -Name pester -WhatIf | Should -BeNullOrEmpty
    }

    It 'is loaded automatically when it is installed' {
        $installed = "TestDrive:/KubeLab/$((Import-PowerShellDataFile $manifest).ModuleVersion)"
        New-Item $installed -ItemType Directory
        Copy-Item $manifest, "$PSScriptRoot/../../Module", "$PSScriptRoot/../../en-US" $installed -Recurse
        $was = $env:PSModulePath
        $env:PSModulePath = (Get-Item TestDrive:/).FullName
        try { [powershell]::Create().AddScript('(Get-Command Expose-KlService).Definition').Invoke() | Should -Be 'New-KlService' }
        finally { $env:PSModulePath = $was }
    }
}
