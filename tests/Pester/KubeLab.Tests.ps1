# Tests of the module in a real pwsh: Invoke-Pester tests/Pester
#Requires -Version 7.6
#Requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

BeforeAll {
    $manifest = "$PSScriptRoot/../../KubeLab.psd1"
    Import-Module $manifest -Force
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

    It 'creates nothing with -WhatIf' {
        New-KlVm -Name pester -WhatIf | Should -BeNullOrEmpty
    }

    It 'is loaded automatically when it is installed' {
        $installed = "TestDrive:/KubeLab/$((Import-PowerShellDataFile $manifest).ModuleVersion)"
        New-Item $installed -ItemType Directory
        Copy-Item $manifest, "$PSScriptRoot/../../Module" $installed -Recurse
        $was = $env:PSModulePath
        $env:PSModulePath = (Get-Item TestDrive:/).FullName
        try { [powershell]::Create().AddScript('(Get-Command Expose-KlService).Definition').Invoke() | Should -Be 'New-KlService' }
        finally { $env:PSModulePath = $was }
    }
}
